"""`sanxiang review …`: the talks of a week that people grade, and the form by which they do."""
