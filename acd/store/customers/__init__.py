"""The records of customers in PostgreSQL: `record` is one of them, `records` finds, writes and deletes them one by one, `bulk` takes
a list in one transaction, `erasure` takes out of calls and cards what is known of a person.
"""
