"""What is remembered: the log of every call, on disk first and in PostgreSQL behind it.

`journal` is the spool on disk that no call waits for, and its place in PostgreSQL; `shipping` carries it there in order and
exactly once, and works out the tables of `tables` from it; `queries` are the questions of pages and reports, which `store`
answers. `schema` keeps the tables' version, `embedded` is a PostgreSQL of our own for the demo and the tests.
"""
