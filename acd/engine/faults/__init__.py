"""Fault mode: something is broken, many callers ring about the same, and are told at once.

A fault is declared by a person (FaultDeclared) and is open until it is cleared (FaultCleared). Callers whom it concerns hear the
announcement in the menu (FaultHeard) and may ask to be told when it is mended (FaultRegistered, once a number). Clearing asks for a
story call to each registered number (acd/engine/story_calls); `news.told` notes what came of it.

    events      what is told
    state       a fault, its registered callers, its counts
    declaring   declare, change, expect
    callers     heard, registered, went on to a person, hung up
    clearing    clear: a story call for each registered caller
    news        the outcome of each of those
    told        a fault as JSON-able data
"""
