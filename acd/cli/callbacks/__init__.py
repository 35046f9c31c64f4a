"""`sanxiang callback …`: promised callbacks."""
