"""The journal: every event and what came of it, on disk before anybody acts on it.

journal               appends, with a checkpoint at the head of each segment and a checksum on each line
spool                 reads it
codec                 its JSON
journal_identity      its name in PostgreSQL, and the names that it had before
journal_match         whether PostgreSQL's rows under this name are the ones that this journal holds
journal_in_database   its place in PostgreSQL: found, claimed, watched
journal_examination   what a start would find between the two; looks only
journal_follower      each row as it is written, for the demo
legs                  which legs still owe a recording
"""
