"""Callbacks as promises: the table [callbacks], and regions whose customers are called by other hours.

table       what may stand in them
checks      names that lead nowhere, times that can't be
"""
