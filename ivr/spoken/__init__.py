"""Numbers, references, money, dates and times as the prompts that say them, in Chinese and English. Pure functions.

Each answers a tuple for `Play`: names of prompts, and `PAUSE` between groups. Nothing here is said as one reads it in print: an
order number is digits in groups, an amount has its units, a day that is near is "tomorrow". What can't be said is a ValueError.
"""
