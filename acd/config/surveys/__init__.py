"""The table [survey]: what callers are asked after a talk.

table     the table and its parts
mistakes  what only the whole configuration can show
"""
