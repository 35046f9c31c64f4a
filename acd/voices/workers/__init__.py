"""Programs that run in the voices' own environments, where nothing else of Sanxiang is installed.

Each reads one JSON object a line and answers each with one. They import nothing of Sanxiang but each other.
"""
