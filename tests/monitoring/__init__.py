"""docs/monitoring: what the dashboard and the rules ask for is there, and each alert fires when it should.

tests/monitoring/expressions.py  the metrics and labels that an expression of PromQL asks for
tests/monitoring/alerts.py       for each alert a series that raises it and one that does not

That a real hotline's /metrics has them all: tests/calls/test_night.py.
"""
