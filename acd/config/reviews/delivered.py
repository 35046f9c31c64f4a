"""The form that there is without any in the configuration: service.toml beside this file."""

import tomllib
from functools import cache
from pathlib import Path

from acd.config.reviews.form import Form

SERVICE = "service"
"""Its name."""
FILE = Path(__file__).with_name("service.toml")


@cache
def service_form() -> Form:
    """The form "service": attitude, communication, knowledge, solution, compliance."""
    return Form(**tomllib.loads(FILE.read_text(encoding="utf-8"))["reviews"]["forms"][SERVICE])
