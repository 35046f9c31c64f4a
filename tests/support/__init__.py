"""What the tests of several folders use.

waiting           a condition, waited for: every wait of every test
audio             tones, and how long a sound file is; recording_files: files as Asterisk leaves them
recorded_sound    which tone is heard in a recording, on which side, and when
network           the address of the trunk
tcp_proxy         a link that is cut, silent or slow
sipp              SIPp's messages, and a telephone that hangs up at a word; sipp_telephone: one that does all it is told
baresip           a softphone with two lines and a transfer key
browser           the browser of the pages

Helpers of one folder lie in its own `support/`: the engine's floor, an Asterisk for tests/pbx, the full system of
tests/calls, the web server of tests/web.
"""
