"""The page's types are those of the interface: the committed file is what the models say. vue-tsc holds the page to the file."""

from tests.console_types import FILE, written


def test_the_types_of_the_page_are_as_the_models_say():
    assert FILE.read_text(encoding="utf-8") == written(), "write it again: python -m tests.console_types --write"
