"""Reports: the figures of some days by queue or by agent, as CSV, as a workbook (XLSX), and as a page that prints.

acd/reports/spans.py     whole days; which report is due when, by the hotline's clock
acd/reports/figures.py   the table of figures: what each is, and from how many calls on it says something
acd/reports/contents.py  a report as values: sections by queue and by agent, rows, days
acd/reports/gather.py    asks the store, with the same queries as `sanxiang kpi`
acd/reports/as_csv.py, as_xlsx.py, as_page.py  a report as the bytes of a file
acd/reports/pictures.py  charts as SVG, for the page
acd/reports/files.py     the formats, and the names of files
acd/reports/process.py   a report made in a process of its own, which asks PostgreSQL itself
acd/reports/make.py      what is wanted, checked; one report at a time

A report decides nothing and changes nothing. The dimensions are a table (`contents.BY`), so that another one has its place.
"""
