"""Recordings of real calls, and what is told of them."""
