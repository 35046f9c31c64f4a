"""Opening hours beyond the lines of one list (opening_hours.py): holidays, corrected days, and what an operator sets for today.

calendar   what a date is; a list of hours under it
checks     lines that are none, numbers that lead nowhere
said_hours  what a caller is told of them
open_now   whether calls are taken at this moment
"""
