"""`sanxiang recording …`: what is held, what class a call is of, and what the next night deletes."""
