"""Contacts: calls and the callbacks that were promised in them."""
