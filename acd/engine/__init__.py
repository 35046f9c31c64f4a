"""The engine: events in, commands out. No I/O, no clock, no async. A map, in reading order:

events, transfer_events   all that can happen
commands                  all that the engine can order, and the kinds of rows of the call log
model                     queue, agent and rules of the configuration; the words of states
brands                    which brand a call is of; which agents a brand keeps to itself
strategies                whom a queue asks first: one row for each strategy
entities                  the records: call, offer, transfer, agent, line
acd                       `Acd`, which takes events and gives commands; opens with what lives here and who may change it
calls/                    events of callers, agents and offers; a call from its first row to its last; callbacks, diversions
routing/                  lines, and which agent suits; queue position; policies over time; last-agent routing; agent states
matching                  after every event: which call rings at which agent
offers/                   the life of an offer; talk time; why this agent: in the log's row, and in full
transfers/                requests, telephone transfers, consults, holds; how every transfer ends
surveys/                  the survey after a talk: its rules, its events, who was asked when
recovery/                 the link to Asterisk is lost and found again; the whole state kept and restored
configuration, operators  what people change while calls go on: everything; single calls, queues and agents
state                     all of it together, and the work that one event leaves
deadlines                 all that is due, in one heap
service_level             today's figures
expected_wait             the wait that a caller must expect
legs_out                  the calls that left the hotline in the last day
caller_history            what is remembered of callers after their calls
pbx_report                what Asterisk knows of the calls when the link is back
snapshot                  the state at one instant, for reading

Layers, from bottom to top (tests/import_table.py holds them). A module imports from layers before its own and from its own
package, never from a later layer:

1. strategies, surveys
2. model
3. brands, pbx_report, transfer_events, commands, expected_wait
4. events, entities, deadlines, caller_history, legs_out
5. service_level, routing.router
6. state
7. routing (all but router)
8. offers
9. transfers
10. calls
11. recovery, configuration, operators, matching, snapshot
12. acd
"""
