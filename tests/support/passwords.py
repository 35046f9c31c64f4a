"""Passwords of the tests: argon2id like the product's, with parameters that cost nothing.

The product's take a tenth of a second of a processor and 64 MB for each hash and each log-in. No setting makes them cheap, so none can be
made by mistake: the tests replace the module's own hasher in their own process, before any test runs. A hash holds its parameters, so
accounts that a real daemon or command has made are verified as the product does.
"""

from argon2 import PasswordHasher

from acd.web.access import accounts

PRODUCTS = accounts._HASHER
"""As the product has it, for the tests of what it costs."""

IN_A_HUNDREDTH = PasswordHasher(time_cost=1, memory_cost=16_384, parallelism=1)
"""A hundredth of a second: for tests in which log-ins wait for each other."""


def made_cheap() -> None:
    """For the rest of this process."""
    accounts._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
