"""The page's colours in both themes: what is told by a colour is seen on its ground (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "acd/web/console/src/shared/style.css").read_text("utf-8")
THEMES = {"light": ":root {", "dark": ":root[data-theme='dark'] {"}
TEXT, SHAPE = 4.5, 3.0


def colours(theme: str) -> dict[str, str]:
    block = CSS[CSS.index(THEMES[theme]) :].partition("}")[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", list(THEMES))
def test_both_voices_of_a_wave_are_seen_played_or_not(theme: str):
    of = colours(theme)
    for name in ("caller", "caller-played", "agent", "agent-played"):
        assert contrast(of[name], of["card"]) >= SHAPE, name


@pytest.mark.parametrize("theme", list(THEMES))
def test_text_is_read_also_where_it_is_quiet_as_of_a_target_that_cannot_be_chosen(theme: str):
    of = colours(theme)
    for name in ("text", "quiet", "link"):
        for ground in ("card", "ground"):
            assert contrast(of[name], of[ground]) >= TEXT, (name, ground)
    for name in ("green", "amber", "red", "violet", "teal"):
        assert contrast(of[name], of[f"{name}-ground"]) >= TEXT, name


@pytest.mark.parametrize("theme", list(THEMES))
def test_a_state_without_a_ground_of_its_own_has_an_edge_that_is_seen(theme: str):
    edge = re.search(r"\.state\.not-ready,\n\.state\.logged-out \{\n  box-shadow: inset 0 0 0 1px var\(--(\w+)\);", CSS)
    assert edge
    assert contrast(colours(theme)[edge[1]], colours(theme)["card"]) >= SHAPE
