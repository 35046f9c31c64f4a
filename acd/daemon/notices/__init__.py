"""Alarms told outside: by a command, a signed webhook, an e-mail. Where they go stands in [alarms] of the configuration and nowhere else.

acd/daemon/notices/notice.py   what is told, and what a way outward has to offer
acd/daemon/notices/command.py  a program of the operator's, with the alarm on standard input
acd/daemon/notices/webhook.py  a POST that is signed by the Standard Webhooks specification
acd/daemon/notices/mail.py     an e-mail by SMTP
acd/daemon/notices/sending.py  a queue for each way: tries again with longer and longer pauses, bounded in number
acd/daemon/notices/waiting.py  what is in the queues, on the disk: a daemon that ends loses none
"""
