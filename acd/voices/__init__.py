"""Better voices than espeak-ng's, and an ear that checks them. Nothing of it runs in the daemon.

environment   the packages of voice and recogniser, each in an environment of its own, every byte of a model checked
workers/      the two programs that run there: `speaker` and `recogniser`; text in, sound out, and the other way about
dialogue      their process as the rest of Sanxiang sees it: one JSON line asks, one answers, within a bound
catalogue     which voice speaks which language, and the name under which its files lie in the cache
sound         sounds as numbers: read, converted to what Asterisk plays, trimmed, levelled, measured
shipped       the fixed prompts as they come with Sanxiang, small, so that a first start need not make them
making        speaks what is not in the cache yet
reading_back  what a recogniser hears of each prompt, and how far that is from its text
findings      what is wrong with a sound: level, clipping, silence, length
"""
