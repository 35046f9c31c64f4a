"""The engine on a floor, what may happen there, and who watches.

floor             agents, queues, a clock that only the test moves, and the engine in the middle
configurations    queues, agents and rules, chosen by one number
generator         what happens next, chosen by one number; transfer_generator: and mostly somebody is handed over
pbx_reports       what Asterisk says that it found, after the link was lost
observer          what must hold after each event, with count_observer, transfer_observer and waiting_observer
"""
