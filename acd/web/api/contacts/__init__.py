"""A contact of a customer: a call and the callbacks that were promised in it."""
