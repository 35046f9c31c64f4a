"""What was said, kept and judged: for QA.

`names` says where a file lies, `wav` reads sound files as they really are, `leg` turns the two sides of one talk into
its recording and judges it, `manifest` keeps the book of a call's legs, `filing` does all that behind the calls,
`sweep` finds what a crash left over, `disk` watches the space. `catalogue` is for looking and checking, `audio` for the
player.
"""
