"""Charts as SVG, for a page that stands alone: no script, colours by the page's classes, and the same in words for who does not see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 34
BAR = 26
"""Height of a bar with its distance to the next."""
MOST_BARS = 40


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    whole: float
    part: float
    """Of the whole, drawn from the ground up."""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float | None
    written: str
    missed: bool = False
    few: bool = False


def columns(said: str, found: Sequence[Column]) -> str:
    """A column for each day; `said`: what the chart shows, in words. Empty when there is nothing to draw."""
    if not found or not any(each.whole for each in found):
        return ""
    top = _round_up(max(each.whole for each in found))
    inner = WIDTH - _LEFT - _RIGHT
    step = inner / len(found)
    wide = min(step * 0.7, 48)
    high = HEIGHT - _TOP - _BOTTOM
    parts = []
    for share in (0, 0.5, 1):
        y = _TOP + high * (1 - share)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="axis" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * share:g}</text>')
    every = ceil(len(found) / 8)
    for number, each in enumerate(found):
        x = _LEFT + number * step + (step - wide) / 2
        tip = f"<title>{escape(each.label)}: {each.whole:g} / {each.part:g}</title>"
        for css, value in (("rest", each.whole), ("done", each.part)):
            tall = high * value / top
            y = _TOP + high - tall
            parts.append(
                f'<rect class="{css}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}">{tip}</rect>'
            )
        if number % every == 0:
            middle = x + wide / 2
            parts.append(
                f'<text class="axis" x="{middle:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(each.label)}</text>'
            )
    return _svg(said, WIDTH, HEIGHT, parts)


def bars(said: str, found: Sequence[Bar], most: float | None = None, target: float | None = None) -> str:
    """A bar for each name, the first on top. `most`: the value of the whole width, else the largest; `target`: a line."""
    found = found[:MOST_BARS]
    top = most or max((each.value or 0 for each in found), default=0)
    if not found or not top:
        return ""
    left, right = 190, 80
    inner, high = WIDTH - left - right, BAR * len(found) + 8
    parts = []
    for number, each in enumerate(found):
        y = number * BAR + 6
        long = inner * min(1.0, (each.value or 0) / top)
        css = "few" if each.few else "missed" if each.missed else "done"
        parts.append(
            f'<text class="name" x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(_cut(each.label))}</text>'
        )
        parts.append(f'<rect class="{css}" x="{left}" y="{y}" width="{long:.1f}" height="{BAR - 8}"/>')
        parts.append(f'<text class="value" x="{left + long + 6:.1f}" y="{y + 13}">{escape(each.written)}</text>')
    if target is not None:
        x = left + inner * min(1.0, target / top)
        parts.append(f'<line class="target" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{high}"/>')
    return _svg(said, WIDTH, high, parts)


def _svg(said: str, width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(said)}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(parts)}</svg>"
    )


def _round_up(value: float) -> float:
    """The next even number of its size, at least 2: 101 becomes 150."""
    power = 10.0 ** int(log10(max(value, 1)))
    return max(2.0, next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value))


def _cut(label: str) -> str:
    """What fits beside a bar: a Chinese character is twice as wide as a Latin one."""
    wide = 0
    for number, each in enumerate(label):
        wide += 2 if ord(each) > 0x2E80 else 1
        if wide > 26:
            return label[:number] + "…"
    return label
