"""Reports that make themselves, by [reports] of the configuration.

acd/daemon/reports/kept.py    what was made, on the disk: so that none is made or mailed twice
acd/daemon/reports/letter.py  a report as an e-mail
acd/daemon/reports/runner.py  makes what is due, and what was missed; tries again; tells what fails
"""
