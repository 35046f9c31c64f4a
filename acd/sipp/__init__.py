"""Callers and agents played by SIPp: `actors` starts them, `scenarios` are what they do. For demo, tests and benches."""
