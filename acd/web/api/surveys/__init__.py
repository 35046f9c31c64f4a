"""The survey after a talk, over HTTP.

survey_questions    what the story server asks before it asks a caller
survey_answers      answers that come back by the link which the company has sent
link                the id in that link
survey_figures      what callers have said: CSAT, NPS, solved at first contact
"""
