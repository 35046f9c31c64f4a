"""Who is calling: customers by their numbers, from the records in PostgreSQL and from the company's own system.

fields      what may stand in a record, and each mistake with its field and the remedy
crm_http    the company's system over HTTP; crm_view: a view in its PostgreSQL; both behind the gate of acd.company_systems
crm         one answer of such a system as a customer, whatever it holds
look_up     the look-up at the arrival of a call: bounded in time and number, and no call waits for it
watch       callbacks to numbers whose customer does not want to be called
"""
