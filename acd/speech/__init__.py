"""The process that recognises what callers say, beside daemon and story server: `python -m acd.speech SETTINGS`.

settings     what it is told at its start, as a file
recogniser   a program that turns sound into text, one JSON line an answer; started again when it ends, ended when it is late
own_address  the same, of a recogniser of the operator's own that is asked over HTTP
gateway      what the story server asks on loopback: bounded in number, size and time

Sound and text stand in memory while they are worked on. Neither is logged or kept.
"""
