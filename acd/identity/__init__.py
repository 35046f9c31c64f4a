"""Whether a caller is the customer: asked with as little as will do, by keys, or told by the company's app.

`verifier.py` compares what was keyed with the record and says how many tries are left (`tries.py`); `signed.py` reads the app's word.
Answers are kept nowhere: an event, a row, a log line holds the result and its way.
"""
