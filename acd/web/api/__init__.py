"""The HTTP interface, a file for each noun: agents, calls, cards, queues, recordings, transfers, figures (kpi) …"""
