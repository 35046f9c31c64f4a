"""Talks graded by people, over HTTP.

shapes          forms and reviews as they are told
review_draw     a week is drawn, and its talks are given to the graders
review_work     a grader's own: what is to be graded, and the score given; how well graders agree
given_reviews   scores of a team's agents, with their history
own_reviews     an agent's own scores, and the appeal
"""
