"""The table [reviews]: which talks people grade, and by what form.

form       a form: groups and items with weights
delivered  the form that there is without any in the configuration
table      the table and its parts
"""
