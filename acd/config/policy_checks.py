"""The rows of the queues' policies, looked at together: rows that can never match, contradictions, circles of moves."""

from collections.abc import Iterator
from itertools import combinations

from acd.config.messages import near
from acd.config.queues import Queue, Row
from acd.config.schema import Config
from acd.config.types import DAY_S

LANGUAGES = ("zh", "en")
"""Skills that the menu adds to a call beyond what its queue requires."""
AWAY = ("move", "voicemail", "number")
"""Deeds that take the caller out of this queue."""
FOR_GOOD = ("move", "voicemail")
"""Deeds after which the caller does not return to this queue's rows; from a number that does not answer, they return."""
_REACHING = ("lower-skill", "add-queue", "move", "voicemail", "number")


def reached_by_rows(queue: Queue) -> bool:
    """Whether a call of this queue can reach more than the agents who have all its skills."""
    return any(row.do in _REACHING for row in queue.overflow)


def row_mistakes(config: Config) -> Iterator[str]:
    """A sentence for each row that can't do what it says."""
    for name, queue in config.queues.items():
        for number, row in enumerate(queue.overflow, 1):
            place = f"queues.{name}.overflow (row {number})"
            yield from (f"{place}: {said}" for said in _alone(config, name, queue, row))
        for said in (*_lowered(config, queue), *_never(queue), *_against_each_other(queue)):
            yield f"queues.{name}.overflow {said}"
    yield from _circles(config)


def _alone(config: Config, name: str, queue: Queue, row: Row) -> Iterator[str]:
    """What is wrong with a row by itself."""
    if (row.after_s or 0) > DAY_S or (row.wait_s or 0) > DAY_S:
        field = "after_s" if row.after_s else "wait_s"
        seconds = row.after_s or row.wait_s
        yield f"can never match: {field} = {seconds:g} is more than a day, and nobody waits so long. Write seconds."
    if row.queue is not None:
        if row.queue not in config.queues:
            queues = ", ".join(config.queues)
            yield f"there is no queue {row.queue!r}{near(row.queue, config.queues)}. Queues: {queues}."
        elif row.queue == name and row.do == "add-queue":
            yield f"adds the queue to itself ({name} > {name}), which adds nobody. Name another queue."
    if row.do in ("number", "offer-callback") and not any(trunk.dials_out for trunk in config.trunks.values()):
        remedy = "Give one `outbound`" if config.trunks else "Add one under [trunks]"
        yield f'do = "{row.do}" dials out, and there is no trunk to dial by. {remedy}, or take the row away.'
    if row.number is not None and (problem := config.dial_problem(row.number)):
        yield problem
    if row.skill is not None and row.skill not in queue.skills and not _may_be_added(config, row.skill):
        known = ", ".join(queue.skills) or "none"
        yield (
            f"can never match: the queue does not require {row.skill!r}{near(row.skill, queue.skills)}. It requires: {known}."
        )


def _may_be_added(config: Config, skill: str) -> bool:
    """Whether a menu could require this skill beside the queue's own."""
    return skill in LANGUAGES or config.has_own_menu


def _lowered(config: Config, queue: Queue) -> Iterator[str]:
    """Rows that lower a level which is no higher at that moment, for the rows before have lowered it."""
    required = dict(queue.skills)
    for number, row in _in_time(queue):
        if row.do != "lower-skill" or row.to is None:
            continue
        skills = required if row.when == "waited" else dict(queue.skills)
        concerned = [row.skill] if row.skill else list(skills)
        if any(skills.get(skill, 0) > row.to for skill in concerned):
            if row.when == "waited":
                required.update({s: min(required.get(s, 0), row.to) for s in concerned})
        elif row.skill not in LANGUAGES and not config.has_own_menu and (row.skill in skills or not row.skill):
            if not row.skill and row.to == 0:
                continue  # the language that the caller has chosen is required until then
            now = ", ".join(f"{skill} {skills[skill]}" for skill in concerned if skill in skills) or "no skill"
            yield f"(row {number}): can never match: {now} is required then, and {row.to} is not lower. Lower it further, or take the row away."


def _never(queue: Queue) -> Iterator[str]:
    """Rows behind one that has sent every caller away already."""
    gone: tuple[int, Row] | None = None
    for number, row in _in_time(queue):
        if row.when != "waited":
            continue
        if gone and row.moment > gone[1].moment:
            yield (
                f"(row {number}): can never match: row {gone[0]} ({gone[1].said()}) has sent everybody away by then. Put it "
                "earlier, or take it away."
            )
        elif row.do in FOR_GOOD and gone is None:
            gone = number, row
    at_once = [(number, row) for number, row in enumerate(queue.overflow, 1) if row.when != "waited"]
    for (first, earlier), (second, later) in combinations(at_once, 2):
        if earlier.do in FOR_GOOD and earlier.when == later.when and earlier.moment <= later.moment:
            if earlier.moment == later.moment and later.do in AWAY and earlier.when != "unstaffed":
                continue  # said as a contradiction
            yield (
                f"(row {second}): can never match: row {first} ({earlier.said()}) has sent the caller away before it. Put it "
                "before that row, or take it away."
            )


def _against_each_other(queue: Queue) -> Iterator[str]:
    """Pairs of rows of one moment that can't both be."""
    rows = list(enumerate(queue.overflow, 1))
    for (first, one), (second, other) in combinations(rows, 2):
        both = f"(rows {first} and {second})"
        if one.do == other.do == "add-queue" and one.queue == other.queue and one.when == other.when:
            yield f"{both}: both add {one.queue}; the later one adds nobody. Keep one."
            continue
        if one.moment != other.moment:
            continue
        if one.do in AWAY and other.do in AWAY and one.when != "unstaffed":
            yield (
                f"{both}: contradict: {one.said()}, and {other.do} {other.queue or other.number or ''}".rstrip()
                + " at the same moment; a caller can't go two ways. Keep one, or put one later."
            )
        elif one.do == other.do == "lower-skill" and one.skill == other.skill:
            yield f"{both}: contradict: {one.skill or 'all skills'} to {one.to} and to {other.to} at the same moment. Keep one."
        elif one.do == other.do == "offer-callback":
            yield f"{both}: offer a callback twice at the same moment. Keep one."
        elif one.do == other.do == "raise-priority":
            yield f"{both}: raise the priority twice at the same moment. Keep one, with the sum."


def _circles(config: Config) -> Iterator[str]:
    """Queues that move their callers round, each circle said once."""
    leads = {
        name: [row.queue for row in queue.overflow if row.do == "move" and row.queue in config.queues]
        for name, queue in config.queues.items()
    }
    said: set[frozenset[str]] = set()
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> Iterator[str]:
        if name in trail:
            ring = trail[trail.index(name) :]
            if frozenset(ring) not in said:
                said.add(frozenset(ring))
                yield (
                    f"queues.{ring[0]}.overflow: callers are moved in a circle: {' > '.join([*ring, name])}. Let one of "
                    "these rows do something else, as voicemail or number."
                )
            return
        if name in done:
            return
        for next_ in leads[name]:
            if next_ is not None:
                yield from walk(next_, [*trail, name])
        done.add(name)

    for name in leads:
        yield from walk(name, [])


def _in_time(queue: Queue) -> list[tuple[int, Row]]:
    """The rows with their numbers, in the order in which a waiting call meets them."""
    return sorted(enumerate(queue.overflow, 1), key=lambda numbered: numbered[1].moment[1])
