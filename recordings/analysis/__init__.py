"""Automatic checks of every talk, from its two channels and its events. No cloud, no recogniser, and nothing of it in the daemon.

`sound` reads a filed recording as it is and says why one can't be analysed; `activity` says when each side speaks; `voice` how loud and
how high. `measured` is what comes of these: the facts of a talk, small enough to be kept. `of_sound` and `of_events` hold the facts against
the thresholds of [analysis] and name findings, each with its seconds. So thresholds can be tried on past talks without their sound.
`worker` does that for the talks that are due and stores it; `process` runs it in a process of its own.
"""
