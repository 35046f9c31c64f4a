"""Promised callbacks over the API.

told      a promise as it is shown, and who sees which
callbacks list, one with its story, made, moved, ended
"""
