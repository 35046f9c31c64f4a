"""What the command line says, in Chinese: a table for each part, from the English sentence to the Chinese one.

help.py      commands, arguments, options
screen.py    headings, cells and sentences of the commands
doctor.py    findings of `doctor`, remedies, `status` and `alarms`
config.py    mistakes in the configuration
errors.py    errors that a user can mend, wrong usage
refusals.py  what the daemon refuses
keeping.py   recordings kept, taken out, deleted; brands of accounts
versions.py  upgrade, the Asterisk that is used, the documents
reports.py   reports and spans of days
reviews.py   talks graded by people
lookups.py   look-ups of self-service, and identity
prompts.py   prompts and voices
speech.py    speech of callers
supervision.py  what supervisors' requests are refused with
lookup.py    finds the Chinese of a finished English sentence

The English sentence is the key, as with gettext's msgid: it is written once, where it is said, and each {} in it is a hole. The Chinese
sentence fills them by number ({0}, {1} …), in whatever order; {0:t} is itself looked up. Why so: docs/decisions/0038.
"""
