"""What an agent sees when a call comes: the context card, and whatever is said from it.

`card` folds the log of a call into its card, `cards` keeps those of the calls that live and finds all others, `guard`
refuses what must not be written down, `transfer_summary` writes a transfer in one line, `regions` knows where a number is
at home.
"""
