"""AMI, Asterisk's manager interface.

`connection` frames bytes, believes only messages with the secret mark, and gives each action a deadline. `asterisk_clock`
estimates Asterisk's time from time stamps. `variables` reads many variables in one write. `redirects` moves channels and
tries again where Asterisk was not ready.
"""
