"""After a loss: of the link to Asterisk, or of the process.

resync            each call is set to where its channel was found; missed hang-ups are caught up with
resync_transfers  the same for callers who were on hold or in transfer
checkpoint        the whole state, kept and restored
"""
