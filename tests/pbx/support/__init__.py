"""A real Asterisk for a test module, and scenarios that are played on it or read from its recorded messages.

asterisk_fixture          Asterisk from our templates, people who telephone, and a link of the daemon's kind
scenarios                 one caller and some agents
transfer_scenarios        callers who are handed over by the engine's commands
phone_transfer_scenarios  callers who are handed over with the telephone alone
"""
