"""The ACD's heart, pure: events in, commands out. A map of the room, in reading order:

events, transfer_events, commands, model
                          the vocabulary: what can happen, what may be wished for, the nouns
acd                       `Acd`, the only name that others need; opens with what lives here and who may change it
agents, calls             what is known of each, and the few changes that several others make to them
callers, shifts, steps    what callers do; what agents do; what Asterisk tells of an offer
visits, asking, standing  a call's first and last row; asking for a person; standing in line
offers                    the life of an offer: what each step does
routing, matching         who stands in which line and who can serve it; who rings where after every event
same_agent, memory        who knows the caller goes first; what is remembered of callers
overflow, elsewhere       a queue's policy over time; what becomes of whom it has sent away
callbacks                 who has hung up and holds his place
operators, configuration  what people change while the floor runs: calls, queues, agents; everything
ledger, explanation       why he and not another: in the log's row, and in full
transfer, asked_transfers, by_telephone, targets
                          handing a caller over: how every transfer ends; asked for; by the telephone itself; to whom
consult, holds, talks     the receiver is asked first; a caller on hold; who hears whom, and for how long
waits                     what a caller must expect
resync, resync_transfers  losing Asterisk, and finding it again
deadlines                 all that is due, in one heap
service_level, snapshot   today's figures; the floor at one instant, for reading
checkpoint                the whole state, kept and restored
"""
