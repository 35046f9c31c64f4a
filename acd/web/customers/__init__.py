"""Customers' records over the API: one by one (customers), as lists (customer_lists), and which of them an account sees (parts)."""
