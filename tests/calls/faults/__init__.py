"""The faults of the product, each a scenario that may be tried a few times or many: `await a2(system, tries, seed) -> Figures`.

One piece of code, two counts: tests/calls/faults/test_*_rows.py tries each a few times, `./sanxiang bench faults --full` as
often as the table of faults wants. After each, three books that know nothing of one another are compared
(`record_comparison.agree`): SIPp's, Asterisk's own, and ours in PostgreSQL.
"""
