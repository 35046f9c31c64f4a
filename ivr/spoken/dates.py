"""Days and times of day."""

from datetime import date, time

from ivr.spoken.numbers import whole

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BY_NAME = {0: "day-today", 1: "day-tomorrow", -1: "day-yesterday"}


def day(when: date, today: date, language: str) -> tuple[str, ...]:
    """ "tomorrow"; within a week the weekday and the date; else the date, with the year where it is another one."""
    away = (when - today).days
    if away in _BY_NAME:
        return (_BY_NAME[away],)
    the_date = (f"month-{when.month}", f"monthday-{when.day}")
    if abs(away) < 7:
        weekday = weekday_of(when)
        return (*the_date, weekday) if language == "zh" else (weekday, *the_date)
    if when.year == today.year:
        return the_date
    return (*year(when.year, "zh"), *the_date) if language == "zh" else (*the_date, *year(when.year, "en"))


def weekday_of(when: date) -> str:
    """The prompt of its day of the week."""
    return f"weekday-{WEEKDAYS[when.weekday()]}"


def year(number: int, language: str) -> tuple[str, ...]:
    """二零二六年; "twenty twenty six", "two thousand and nine", "nineteen oh five". From 1000 to 9999, else ValueError."""
    if not 1000 <= number <= 9999:
        raise ValueError("a year that can't be said")
    if language == "zh":
        return (*(f"number-{digit}" for digit in str(number)), "date-year")
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:
        return whole(number, "en")
    if rest == 0:
        return (*whole(century, "en"), "number-100")
    return (*whole(century, "en"), *(("clock-oh",) if rest < 10 else ()), *whole(rest, "en"))


def clock(when: time, language: str) -> tuple[str, ...]:
    """下午三点二十分, 上午八点半; "three twenty PM", "nine oh five AM", "twelve noon". Seconds are not said."""
    return _clock_zh(when) if language == "zh" else _clock_en(when)


def end_of_day(language: str) -> tuple[str, ...]:
    """24:00, as the end of opening hours: 晚上十二点, "midnight"."""
    return ("clock-evening", *whole(12, "zh"), "clock-hour") if language == "zh" else ("clock-midnight",)


def _clock_zh(when: time) -> tuple[str, ...]:
    hour, minute = when.hour, when.minute
    part = next(name for until, name in _PARTS if hour < until)
    said: tuple[str, ...] = (part, *whole(hour - 12 if hour > 12 else hour, "zh", counts=True), "clock-hour")
    if minute == 30:
        return (*said, "clock-half")
    if not minute:
        return said
    return (*said, *(("number-0",) if minute < 10 else ()), *whole(minute, "zh"), "clock-minute")


_PARTS = (
    (6, "clock-night"), (12, "clock-morning"), (13, "clock-noon"), (18, "clock-afternoon"), (24, "clock-evening"),
)  # fmt: skip


def _clock_en(when: time) -> tuple[str, ...]:
    hour, minute = when.hour, when.minute
    if not minute and hour in (0, 12):
        return ("clock-midnight" if hour == 0 else "clock-noon",)
    half = "clock-am" if hour < 12 else "clock-pm"
    said = whole(hour % 12 or 12, "en")
    if minute:
        said += (("clock-oh",) if minute < 10 else ()) + whole(minute, "en")
    return (*said, half)
