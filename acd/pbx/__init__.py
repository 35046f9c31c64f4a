"""Asterisk: its words, its failures, and where it comes from. The one room that knows them.

`runtime` finds or fetches Asterisk, `supervisor` keeps it running; `ami` carries events and actions over panoramisk.
"""
