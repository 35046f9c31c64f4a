"""Quality control by people: which talks are graded, what a filled form is worth, how well graders agree. Pure.

sampling   the week's talks that are drawn, from a published seed
scores     a filled form as a score
graders    whose turn it is to grade which talk
agreement  how well two graders agree
"""
