"""Questions to the company's own systems, within bounds: a customer's record when a call arrives, an order while a caller listens.

failure             why a system gave no answer: a code, and a detail without anything that was asked
breaker             after failures in a row nobody asks for a while
gate                one system's gate: so many questions at a time, the time limit, the breaker
private_file        addresses and tokens, read anew for each question
http_system         GET and JSON: no redirect, no proxy, no cookie, bounded
postgresql_system   one SELECT on a connection that may only read

What is asked and how an answer is understood is the affair of the two users: acd.lookups for stories, acd.customers for calls.
"""
