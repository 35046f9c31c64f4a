"""Opening hours and address: what is set for today, the days ahead that are other than the week says, the ordinary week."""

from collections.abc import Mapping
from datetime import date, time

from ivr.facts import Facts
from ivr.services.asking import End, look_up, no_answer, tell
from ivr.spoken.dates import clock, day, end_of_day
from ivr.step import PAUSE, Call, Language, Part, Spoken


def hours(call: Call, facts: Facts) -> Part[End]:
    """When the hotline is open, whether today is different, and where the house is."""
    answer = yield from look_up(call, "hours", "dialled")
    if answer.outcome != "found":
        return (yield from no_answer(answer))
    language = yield Language()
    said = [
        word for row in answer.records for word in (*today_is(row, language), *other_day(row, answer.today, language))
    ]
    spans = [word for row in answer.records for word in span(row, language)]
    said += ["hours-are", *spans] if spans else ["hours-always"]
    if f"address-{language}" in answer.why.split():
        said.append("house-address")
    key = yield from tell(call, "hours", tuple(said))
    return "back" if key == "back" else "served" if key == "served" else "person"


def today_is(row: Mapping[str, str], language: str) -> list[Spoken]:
    """What an operator has set for today: in the operator's words, where there are some; nothing of another row."""
    state, until = row.get("now", ""), row.get("until", "")
    if state not in ("open", "closed"):
        return []
    if row.get("say"):
        return [row["say"], PAUSE]
    if state == "closed" and until == "24:00":
        return ["hours-today-closed", PAUSE]
    at = _clock(until, language)
    return [f"hours-now-{state}", *at, PAUSE] if at else []


def other_day(row: Mapping[str, str], today: date | None, language: str) -> list[Spoken]:
    """ "Thursday, October the first, until October the seventh, we are closed", or the hours of one such day."""
    try:
        first = date.fromisoformat(row["date"])
        last = date.fromisoformat(row.get("to", row["date"]))
    except (KeyError, ValueError):
        return []
    if today is None:
        return []
    days: list[Spoken] = [*day(first, today, language)]
    if last != first:
        days += ["hours-to", *day(last, today, language)]
    if row.get("closed"):
        return [*days, "hours-closed", PAUSE]
    times = _times(row, language)
    return [*days, *times, PAUSE] if times else []


def span(row: Mapping[str, str], language: str) -> list[Spoken]:
    """One span of days and hours, as "Monday to Friday from eight AM until eight PM"; nothing of what can't be read."""
    first, last = row.get("first", ""), row.get("last", "")
    times = _times(row, language)
    if not first or not times:
        return []
    days: list[Spoken] = [f"weekday-{first}"]
    if last and last != first:
        days += ["hours-to", f"weekday-{last}"]
    return [*days, *times, PAUSE]


def _times(row: Mapping[str, str], language: str) -> list[Spoken]:
    opens, closes = _clock(row.get("opens", ""), language), _clock(row.get("closes", ""), language)
    return ["hours-from", *opens, "hours-until", *closes] if opens and closes else []


def _clock(written: str, language: str) -> tuple[str, ...]:
    """ "24:00" is the end of a day; nothing of what is no time."""
    try:
        return end_of_day(language) if written == "24:00" else clock(time.fromisoformat(written), language)
    except ValueError:
        return ()
