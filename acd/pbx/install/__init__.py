"""Where Asterisk comes from.

`runtime` finds the operator's Asterisk or a fetched one, with the tools of demo and tests. `fetch` unpacks signed Debian
packages into the cache folder, without root. `ports` finds free ports.
"""
