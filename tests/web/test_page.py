"""What can be said of the page without a browser: its colours can be read, its lock names no host, its words are whole."""

import json
import re
from pathlib import Path

import pytest

import acd.web
from acd.engine.commands import Ending, Outcome
from tests.web.support.web_server import RunningServer

CONSOLE = Path(acd.web.__file__).parent / "console"
PAIRS = [
    *((word, ground) for word in ("text", "quiet", "link") for ground in ("ground", "card")),
    *((light, f"{light}-ground") for light in ("green", "amber", "red", "violet", "teal")),
    *((light, "card") for light in ("green", "amber", "red")),
    ("on-main", "main"),
]


def colours(theme: str) -> dict[str, str]:
    style = (CONSOLE / "src" / "shared" / "style.css").read_text()
    light, dark = re.findall(r":root[^{]*\{([^}]*)\}", style)[:2]
    named = dict(re.findall(r"--([\w-]+): (#\w{6})", light))
    return named if theme == "light" else named | dict(re.findall(r"--([\w-]+): (#\w{6})", dark))


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_reaches_aa_on_its_ground(theme: str, text: str, ground: str):
    named = colours(theme)
    lighter, darker = sorted((luminance(named[text]), luminance(named[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_lock_names_no_host():
    lock = json.loads((CONSOLE / "package-lock.json").read_text())
    assert lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def test_an_operators_first_start_fetches_nothing_that_only_the_checks_need():
    packages = json.loads((CONSOLE / "package-lock.json").read_text())["packages"]
    built_with = {name.removeprefix("node_modules/") for name, package in packages.items() if not package.get("dev")}
    assert {"vite", "@vitejs/plugin-vue", "typescript", "vue", "vue-i18n", "wavesurfer.js", "redoc"} <= built_with
    assert not {"eslint", "prettier", "vitest", "vue-tsc", "happy-dom", "typescript-eslint"} & built_with


def test_none_of_redocs_dependencies_is_fetched():
    """Its bundle contains them. A new one of a later Redoc goes into `overrides` of package.json, too."""
    packages = json.loads((CONSOLE / "package-lock.json").read_text())["packages"]
    redoc = packages["node_modules/redoc"]
    needed = {*redoc["dependencies"], *redoc["peerDependencies"]}
    assert len(needed) > 20
    for name in needed:
        found = packages.get(f"node_modules/redoc/node_modules/{name}") or packages[f"node_modules/{name}"]
        assert found.get("name", name) == "classnames", name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_outcome_ending_and_state_has_its_word(language: str):
    words = (CONSOLE / "src" / "words" / f"{language}.ts").read_text()
    states = ("logged out", "not ready", "unreachable", "idle", "ringing", "talking", "wrap-up")
    for word in (*Outcome, *Ending, *states):
        assert re.search(rf"^    ['\"]?{re.escape(word)}['\"]?: '", words, re.MULTILINE), word


@pytest.mark.parametrize("path", ["/", "/api"])
async def test_without_a_built_page_the_address_says_so(house: RunningServer, path: str):
    async with house.client("operator") as client, client.get(path) as answer:
        assert answer.status == 200
        assert "has not been built" in await answer.text()
