"""Amounts of money: 元 角 分, dollars and cents."""

import re

from ivr.spoken.numbers import MOST, whole

_AMOUNT = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{1,6}))?")


def minor_units(text: str) -> int:
    """ "12.3" as 1230 hundredths. ValueError: no amount, beyond what can be said, or a fraction of a hundredth."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError("not an amount of money")
    sign, main, rest = found.groups()
    rest = (rest or "").rstrip("0")
    if len(rest) > 2 or int(main) > MOST:
        raise ValueError("an amount that can't be said")
    hundredths = int(main) * 100 + int(rest.ljust(2, "0") or "0")
    return -hundredths if sign == "-" else hundredths


def money(hundredths: int, currency: str, language: str) -> tuple[str, ...]:
    """The amount as it is said. `currency`: "CNY" or "USD" (ISO 4217). ValueError: another one.

    Chinese: 12.30 十二元三角, 100.05 一百元零五分, 2 两元, 0 零元. English: 12.34 dollars is "twelve dollars and thirty four cents",
    12.34 yuan "twelve point three four yuan", for 角 and 分 have no English words that everybody knows.
    """
    if currency not in ("CNY", "USD"):
        raise ValueError("a currency that can't be said")
    main, rest = divmod(abs(hundredths), 100)
    minus = ("money-minus",) if hundredths < 0 else ()
    if language == "zh":
        return minus + (_yuan(main, rest) if currency == "CNY" else _units_zh(main, rest))
    return minus + (_point(main, rest) if currency == "CNY" else _dollars(main, rest))


def _yuan(main: int, rest: int) -> tuple[str, ...]:
    jiao, fen = divmod(rest, 10)
    parts: tuple[str, ...] = ()
    if main or not rest:
        parts = (*whole(main, "zh", counts=True), "money-yuan")
    if jiao:
        parts += (*whole(jiao, "zh", counts=not parts), "money-jiao")
    if fen:
        if main and not jiao:
            parts += ("number-0",)
        parts += (*whole(fen, "zh", counts=not parts), "money-fen")
    return parts


def _units_zh(main: int, rest: int) -> tuple[str, ...]:
    parts: tuple[str, ...] = ()
    if main or not rest:
        parts = (*whole(main, "zh", counts=True), "money-dollars")
    if rest:
        if main and rest < 10:
            parts += ("number-0",)
        parts += (*whole(rest, "zh", counts=not parts), "money-cents")
    return parts


def _point(main: int, rest: int) -> tuple[str, ...]:
    if not rest:
        return (*whole(main, "en"), "money-yuan")
    digits = f"{rest:02}".rstrip("0") if rest % 10 == 0 else f"{rest:02}"
    return (*whole(main, "en"), "number-point", *(f"number-{digit}" for digit in digits), "money-yuan")


def _dollars(main: int, rest: int) -> tuple[str, ...]:
    parts: tuple[str, ...] = ()
    if main or not rest:
        parts = (*whole(main, "en"), "money-dollar" if main == 1 else "money-dollars")
    if rest:
        parts += ("number-and",) if parts else ()
        parts += (*whole(rest, "en"), "money-cent" if rest == 1 else "money-cents")
    return parts
