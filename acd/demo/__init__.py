"""The demo: an afternoon of real calls against the real hotline, played by SIPp.

`run` starts it and shows it, `day` says who calls and who answers, `report` sums it up.
"""
