"""Calls out that run a story and ring no agent: the news of a fault, questions after a talk.

A story call is asked for with StoryCallAsked. It waits until the wall before calls out lets it (hours, limits, numbers that may not
be called: `dialling.py`), then the customer is dialled (OriginateStory) and comes into [called-story], where the story of that name
speaks. It has one outcome, told to whoever asked in `outcomes.py`: told, not reached, refused, withdrawn.

It is no call of the hotline: no queue counts it and no agent is reserved. A customer who asks for a person in the story becomes a
caller from then on, under the same id (CallArrived, CallQueued).

A new story: its name in `outcomes.STORIES`, its text in ivr/stories.py and agi_scripts/, and somebody who tells StoryCallAsked.
"""
