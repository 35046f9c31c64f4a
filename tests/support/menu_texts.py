"""A menu in the operator's words, as small as one can be."""

from ivr.settings import MENU


def small_menu(key: str, queue: str, failure: str) -> str:
    """One menu in Chinese with one key, which leads to the queue. `failure`: what becomes of callers who key nothing, as in the file."""
    return f"""
start = "main"
notice = "recording-notice"
welcome = "welcome"
[languages.zh]
choose = "choose-language"
[closed]
say = "closed"
then = "goodbye"
[unstaffed]
say = "unstaffed"
then = "wait"
[menus.main]
play = "menu-main"
keys = [{{ key = "{key}", queue = "{queue}" }}]
failure = {failure}
"""


def menu_without_lookups() -> str:
    """The packaged menu as it is for a hotline without look-ups, in which `play` is one prompt."""
    kept = "".join(line for line in MENU.read_text("utf-8").splitlines(keepends=True) if "when = { lookup" not in line)
    assert kept.count('play = [\n  "menu-main",\n]') == 1
    return kept.replace('play = [\n  "menu-main",\n]', 'play = "menu-main"')
