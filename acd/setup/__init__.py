"""From a checked configuration to processes that can start.

prepare           the steps of a start: Asterisk, prompts, page, ports, secrets, files
start_plan        what a start has decided, for the daemon to read
pbx_settings      the same as settings of Asterisk's configuration
installation      the state folder: where everything lies, and its secrets
spoken_names      names of queues, agents and reasons as prompts
"""
