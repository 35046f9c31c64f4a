"""The same day under app_queue's rules and under ours: three skills, 60 agents, arrivals with two peaks.

Whoever comes, when, how long he would wait and would talk, and who steps out of his place, comes from streams of their
own (common random numbers): for each seed all rules meet the same callers. Told are means over the seeds with 95 %
intervals, and the difference seed by seed, whose interval is much narrower than either's.

The people: 40 agents have one skill (18 orders, 14 after-sales, 8 complaints), 8 orders and after-sales, 6 orders and
complaints, 6 all three; the first named is their own (level 5), the others they help out in (level 3). For app_queue
that is penalty 0 and 1; for ours `prefers` level 5. Talks lognormal (180 s, cv 0.8), wrap-up 20 s for all, patience
exponential (120 s), a telephone answered after 2 to 8 s, one in fifty rings while its agent has stepped out for two
minutes.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any

from acd.engine.acd import Acd
from acd.engine.model import AgentProfile, Queue, Rules
from acd.simulation.distributions import Exponential, Fixed, Lognormal, Uniform
from acd.simulation.figures import ALL, DAY, GAVE_UP, Figures
from acd.simulation.floor import LINGER
from acd.simulation.intervals import interval
from acd.simulation.people import Arrivals, Habits, Plan, Shift, Span, all_coming, moves
from acd.simulation.world import Engine, World
from tests.bench.app_queue import AppQueue, Strategy

EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TWENTY = EIGHT + timedelta(hours=12)
SKILLS = ("orders", "after-sales", "complaints")
GROUPS = (
    (18, ("orders",)),
    (14, ("after-sales",)),
    (8, ("complaints",)),
    (8, ("orders", "after-sales")),
    (6, ("orders", "complaints")),
    (6, ("complaints", "orders", "after-sales")),
)
PER_HOUR = {"orders": 445, "after-sales": 300, "complaints": 168}
"""At the day's ordinary rate."""
COURSE = (0.55, 0.8, 1.15, 1.1, 0.85, 0.75, 0.9, 1.12, 1.05, 0.8, 0.6, 0.45)
"""Of it, hour by hour from eight."""
DAYS = {"light": 0.85, "ordinary": 1.0, "heavy": 1.15}
SEEDS = tuple(range(1, 11))
MEASURES = ("within_15_s", "mean_wait_s", "asa_s", "p99_wait_s", "abandoned")


def agents() -> list[tuple[AgentProfile, dict[str, int]]]:
    """Each with his penalties for app_queue. Alternating over the groups, so that no strategy sees a group in a row."""
    found = []
    for group, (count, skills) in enumerate(GROUPS):
        for number in range(count):
            levels = dict.fromkeys(skills[1:], 3) | {skills[0]: 5}
            penalties = {skill: int(skill != skills[0]) for skill in skills}
            found.append((number / count, group, levels, penalties))
    found.sort(key=lambda agent: agent[:2])
    return [
        (AgentProfile(str(1001 + number), "", tuple(sorted(levels.items()))), penalties)
        for number, (_, _, levels, penalties) in enumerate(found)
    ]


AGENTS = agents()
PLAIN = tuple(Queue(skill, ((skill, 1),), wrap_up=timedelta(seconds=20)) for skill in SKILLS)
PREFERRING = tuple(replace(queue, prefers=((queue.name, 5),)) for queue in PLAIN)


def app_queue(strategy: Strategy, retry_s: float = 5, autopause: bool = False) -> Engine:
    members = {profile.agent: penalties for profile, penalties in AGENTS}
    return AppQueue(PLAIN, members, strategy, retry_s, autopause=autopause)


def ours(queues: tuple[Queue, ...], spare: bool) -> Engine:
    return Acd(queues, [profile for profile, _ in AGENTS], Rules(spare_versatile=spare))


OURS, PLAINLY = "ours", "ours, without prefers"
RULES: dict[str, tuple[Callable[[], Engine], str]] = {
    OURS: (lambda: ours(PREFERRING, spare=False), ""),
    "ours, spare_versatile": (lambda: ours(PREFERRING, spare=True), OURS),
    PLAINLY: (lambda: ours(PLAIN, spare=False), OURS),
    "ours, without prefers, spare_versatile": (lambda: ours(PLAIN, spare=True), PLAINLY),
    "app_queue rrmemory": (lambda: app_queue("rrmemory"), OURS),
    "app_queue leastrecent": (lambda: app_queue("leastrecent"), OURS),
    "app_queue fewestcalls": (lambda: app_queue("fewestcalls"), OURS),
    "app_queue rrmemory, autopause": (lambda: app_queue("rrmemory", autopause=True), OURS),
    "app_queue leastrecent, autopause": (lambda: app_queue("leastrecent", autopause=True), OURS),
    "app_queue leastrecent, autopause, retry 1 s": (lambda: app_queue("leastrecent", 1, autopause=True), OURS),
}
"""Each with the rules that its paired difference is taken to."""


def plan(seed: int, load: float) -> Plan:
    arrivals = [
        Arrivals(
            skill,
            tuple(
                Span(EIGHT + timedelta(hours=hour), EIGHT + timedelta(hours=hour + 1), PER_HOUR[skill] * share * load)
                for hour, share in enumerate(COURSE)
            ),
            Lognormal(180, 0.8),
            Fixed(20),
            Exponential(120),
            Uniform(2, 8),
        )
        for skill in SKILLS
    ]
    shifts = moves(Shift(profile.agent, EIGHT, TWENTY) for profile, _ in AGENTS)
    habits = Habits(answer=Uniform(2, 8), no_answer=0.02, steps_out=Exponential(120))
    return Plan(all_coming(arrivals, str(seed)), shifts, habits, ends=TWENTY + LINGER)


def played(engine: Engine, seed: int, load: float) -> dict[str, float]:
    """The day's figures. `mean_wait_s` and `p99_wait_s` are of all callers, those who gave up among them; `asa_s` of the
    answered. The share within 15 s alone would praise whoever lets newcomers overtake: the longest waits pay for it."""
    figures = Figures(EIGHT, timedelta(hours=1), PLAIN, [profile for profile, _ in AGENTS])
    World(engine, plan(seed, load), str(seed), figures.take).run()
    cell = figures.cells()[ALL, DAY]
    said = cell.figures()
    waits = sorted(call.wait_s or 0.0 for call in figures.calls.values())
    gave_up = sum(call.ending in GAVE_UP for call in figures.calls.values())
    return {
        "calls": cell.calls,
        "within_15_s": said["within"],
        "mean_wait_s": sum(waits) / len(waits),
        "asa_s": said["asa_s"],
        "p99_wait_s": waits[int(0.99 * len(waits))],
        "abandoned": gave_up / len(waits),
        "occupancy": said["occupancy"],
    }


def _played(what: tuple[str, int, str]) -> dict[str, float]:
    name, seed, day = what
    return played(RULES[name][0](), seed, DAYS[day])


def run(say: Callable[[str], None] = print, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """For each day and rules the mean over the seeds with its 95 % half-width, and the paired difference."""
    result: dict[str, Any] = {"agents": len(AGENTS), "seeds": list(seeds), "days": {}}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("forkserver")) as pool:
        for day in DAYS:
            work = [(name, seed, day) for name in RULES for seed in seeds]
            found = dict(zip(work, pool.map(_played, work), strict=True))
            runs = {name: [found[name, seed, day] for seed in seeds] for name in RULES}
            result["days"][day] = {name: _row(name, runs) for name in RULES}
            for name, row in result["days"][day].items():
                say(f"{day}, {name}: {row}")
    return result


def _row(name: str, runs: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    mine, to = runs[name], RULES[name][1]
    row: dict[str, Any] = {"calls": round(sum(each["calls"] for each in mine) / len(mine))}
    row["occupancy"] = round(sum(each["occupancy"] for each in mine) / len(mine), 4)
    for measure in MEASURES:
        row[measure] = _with_half_width([each[measure] for each in mine])
    if to:
        pairs = list(zip(mine, runs[to], strict=True))
        row["difference_to"] = to
        for measure in MEASURES:
            row[f"{measure}_difference"] = _with_half_width([each[measure] - base[measure] for each, base in pairs])
    return row


def _with_half_width(values: list[float]) -> list[float]:
    found = interval(values)
    return [round(found.mean, 4), round(found.half_width, 4)]
