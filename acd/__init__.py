"""The ACD: who talks to whom. One daemon, one event loop, one writer; Asterisk holds the calls.

errors, clock, progress, identifiers, files, cache, bytecode
                 what any part may use
engine           decides: events in, commands out; no I/O
config           the operator's file as checked values
words            a row of the call log as a sentence, in English and Chinese
switchboard      the order of events, and the alarm clock
store            the journal on disk, and PostgreSQL behind it
context_card     what an agent sees of a caller
explain          why this agent was chosen
simulation       the engine with simulated callers, and a past day replayed
pbx              the only package that knows Asterisk
web              pages and HTTP interface
setup            from a configuration to processes that can start
processes        the supervisor, the leader's lease, upgrades
daemon           builds all of these and joins them
sipp, demo       callers and agents played by SIPp; a day of them
cli              the command line

Each imports those above it only; tests/import_table.py says which.
"""

from acd.bytecode import keep_whole

keep_whole()

__version__ = "0.1.0"
