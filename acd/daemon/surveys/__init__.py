"""The survey of callers who hung up first.

sender    tells the company's own sender of messages whom to send a link
"""
