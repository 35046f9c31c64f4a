"""The whole product for a scenario, and the objects that act on it.

full_system       the product: supervisor, Asterisk, stories, daemon, PostgreSQL (running_system, made of system/), with its
                  call_log, faults, leaders, carrier and transfers as `system.log`, `system.faults` …
overflow_system, transfer_system, fault_table_system
                  the same, started with policies, with targets of transfers, or with all that the table of faults wants
config_text       the configuration, as an operator writes it
transfer_checks   a transfer's log, card, states and recordings, in one assertion; agent_desk: what the agent's page shows
record_comparison SIPp's, Asterisk's and our record of the same calls, compared
recorded_voices   who is heard in a recording
ami_proxy         a link that loses single messages of AMI; event_flood: AMI events
manual_caller     a caller made packet by packet
daemon_with_faults the daemon that kills itself at a word
"""
