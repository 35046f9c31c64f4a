"""Fault mode beside the engine: what is declared is checked, spoken, and told to the callers whom it concerns.

words      the words of a fault: checked, and the names of the sound files in which they are spoken
plans      the classes of [faults] as the engine's plans
concerned  which open faults a caller hears of, and where in the call
areas      the areas that customers' records have
shown      alarms that a fault would explain
report     the record of a fault: calls deflected, told, not reached, gone on; how long the repair took
"""
