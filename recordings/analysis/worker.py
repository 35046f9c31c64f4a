"""Talks that are due, analysed one after the other and stored; and thresholds tried on past ones without storing anything.

A talk is done when its findings and its mark are committed together. One in whose middle the process was killed is begun anew, three times at
most: a file that kills whoever reads it must not keep the others waiting for ever.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from acd.config import Config
from acd.config.analysis import AnalysisTable
from acd.store.queries import analysis
from acd.store.queries.analysis import StoredFinding
from acd.store.queries.recordings import Recording
from acd.store.store import Store
from recordings import names
from recordings.analysis import of_events, of_sound
from recordings.analysis.activity import Spans
from recordings.analysis.findings import Finding
from recordings.analysis.measured import Measured, from_json, measure
from recordings.analysis.sound import NotAnalysable
from recordings.catalogue import NotAsFiled, open_verified

logger = logging.getLogger("recordings.analysis")

AT_ONCE = 50
TRIES = 3
SETTLES = timedelta(seconds=30)
"""Beyond the time in which a note is to be written: its row comes to PostgreSQL behind the call."""
FACTS_DAYS = 35
"""So long thresholds can be tried on a talk."""
ENDED_OFTEN = f"the analysis ended in the middle {TRIES} times"


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one round."""

    done: int = 0
    without_sound: int = 0
    """Of them, those whose sound could not be analysed."""
    more: bool = False
    """There is more that is due."""


def settled(config: Config) -> timedelta:
    """How long a call is over before its talks are analysed: the longest time for a note, and a little more."""
    return timedelta(seconds=max(config.analysis_of(queue).note_within_s for queue in ("", *config.queues))) + SETTLES


async def analyse_due(store: Store, root: Path, config: Config, now: Callable[[], datetime], within_s: float) -> Round:
    """Analyses what is due until nothing is, or `within_s` are over. Nothing where another process does so. DatabaseAway."""
    began, done, without = time.monotonic(), 0, 0
    async with store.transaction(within_s + 60.0) as lock:
        if not await analysis.only_one(lock):
            return Round()
        while True:
            async with store.transaction() as connection:
                offers = await analysis.due(connection, now(), settled(config), AT_ONCE)
            if not offers:
                break
            for offer in offers:
                if time.monotonic() - began > within_s:
                    return Round(done, without, more=True)
                heard = await _one(store, root, config, offer, now)
                done, without = done + 1, without + (not heard)
        async with store.transaction() as connection:
            await analysis.prune_facts(connection, now() - timedelta(days=FACTS_DAYS))
    return Round(done, without)


async def _one(store: Store, root: Path, config: Config, offer: str, now: Callable[[], datetime]) -> bool:
    """Analyses one talk and stores what came of it; whether its sound could be read."""
    row = await store.recording(offer)
    assert row is not None, offer
    async with store.transaction() as connection:
        tries = await analysis.begin(connection, offer, row.call)
    rules = config.analysis_of(row.queue)
    measured: Measured | None = None
    findings: list[Finding] = []
    why, state = "", "done"
    if tries > TRIES:
        state, why = "failed", ENDED_OFTEN
    elif rules.on:
        try:
            measured = await asyncio.to_thread(_measured, root, row)
        except (NotAnalysable, NotAsFiled, names.NotAnId) as error:
            state, why = "no-sound", str(error.fields.get("why") or error)
            logger.warning("the sound of %s can't be analysed: %s", offer, why)
        async with store.transaction() as connection:
            told = await analysis.told(connection, offer, row.call, row.agent)
        findings = judged(measured, row, told, rules)
    async with store.transaction() as connection:
        await analysis.save(
            connection,
            offer,
            state,
            why,
            now(),
            None if measured is None else of_sound.agents_share(measured),
            None if measured is None else measured.as_json(),
            [StoredFinding(one.kind, one.side, one.from_s, one.to_s, one.value, one.limit) for one in findings],
        )
    return measured is not None


def judged(measured: Measured | None, row: Recording, told: analysis.Told, rules: AnalysisTable) -> list[Finding]:
    """The findings of a talk under these thresholds, in the order of time; those without a second last."""
    if not rules.on:
        return []
    apart: Spans = [(span["from_s"], span["to_s"]) for span in row.spans if span["kind"] != "supervisor"]
    found = [] if measured is None else of_sound.all_of(measured, apart, rules)
    seconds = row.seconds if measured is None else measured.seconds
    found += of_events.all_of(told, row.spans, seconds, row.connected_at, row.talk_ended_at, rules)
    kept = [one for one in found if one.kind not in rules.leave_out]
    return sorted(kept, key=lambda one: (one.from_s is None, one.from_s or 0.0))


async def tried(store: Store, config: Config, since: datetime) -> tuple[int, Counter[str], Counter[str]]:
    """Talks analysed since then, their findings by kind as stored, and as they would be under this configuration. Stores nothing."""
    talks, was, would = 0, Counter[str](), Counter[str]()
    after = ""
    while True:
        async with store.transaction(10.0) as connection:
            page = await analysis.with_facts(connection, since, after, 200)
        for offer, call, facts in page:
            row, measured = await store.recording(offer), from_json(facts)
            if row is None or measured is None:
                continue
            async with store.transaction() as connection:
                told = await analysis.told(connection, offer, call, row.agent)
                stored = await analysis.of_call(connection, call)
            talks += 1
            was.update(one.kind for leg in stored if leg.offer == offer for one in leg.findings)
            would.update(one.kind for one in judged(measured, row, told, config.analysis_of(row.queue)))
        if len(page) < 200:
            return talks, was, would
        after = page[-1][0]


def _measured(root: Path, row: Recording) -> Measured:
    with open_verified(root, row) as file:
        return measure(file)
