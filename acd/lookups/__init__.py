"""Look-ups: what the company's own systems know of an order, a parcel, a balance, a complaint.

`book.py` is the way in: `Lookups.ask(name, by, keyed)` answers a `Result` and raises nothing, within the look-up's limit. Behind it
stand a gate (acd.company_systems), a source (`http_source.py`, `postgresql_source.py`) and the reading of what came back
(`fields.py`). `example.py` is a source to try it with. A number that a caller has keyed is in no log and in no result's text.
"""
