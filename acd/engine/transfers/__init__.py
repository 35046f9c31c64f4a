"""Transfers, consults and holds.

transfer          who has the caller, and how every transfer ends; begin here
requests          asked for by page, API or command line
phone_transfers   by the agent's telephone: REFER, second line, feature codes
consult           a warm transfer: first agent and receiver talk before the caller is handed over
holds             hold, retrieve, mute
targets           what a target means, and why one is refused
"""
