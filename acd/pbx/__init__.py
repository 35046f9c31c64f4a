"""Asterisk: the only package that knows its words. No code outside names an AMI message, a channel or a dialplan context.

    link            one connection to one Asterisk: events out (`tell`), commands in (`carry_out`), resync after each connect
    channels        the records of channels, and patterns of what may occur in messages
    channel_book    all channels of the calls that this daemon knows
    expected_moves  what a command of ours is about to do to channels, so that it is not taken for a hang-up
    probe           whether Asterisk works: SIP OPTIONS and the list of channels
    process_threads whether the threads of its process run, as the kernel counts it

    ami/            the AMI connection, Asterisk's clock, variables, redirects
    events/         AMI messages to engine events
    actions/        engine commands to AMI actions
    recovery/       what happened while nobody listened: resync, missed hang-ups, comparison with the engine
    conf/           Asterisk's configuration files, rendered
    install/        finding or fetching Asterisk and its tools; free ports

Imports go one way: link imports recovery, actions and events; recovery imports events. events, actions and recovery share the
channel_book.
`actions` imports neither `events` nor `recovery` (tests/test_imports.py). `conf` and `install` know no calls.
"""
