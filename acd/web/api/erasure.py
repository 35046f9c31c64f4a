"""Erases what is stored of a caller: recordings, notes and the number. What the figures need stays, without the person."""

from typing import Annotated

from pydantic import Field

from acd.engine.faults.events import FaultForgotten
from acd.web.access.auth import DOOR
from acd.web.api.calls import all_written, from_store, searched_number
from acd.web.api.cards import DRAFTS
from acd.web.api.recording_keeping import Reason, keeping_of
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

SHORTEST = 5
"""Digits of the shortest number that a caller has: 95588."""


class Erasure(Strict):
    """Whose data, why, and whether it is only looked at."""

    number: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """In any writing."""
    reason: Reason
    dry_run: bool = True
    """Only say what there is. Send false to erase it."""


class Erased(ApiModel):
    """What was erased, or would be, and what stays."""

    number: str
    """Masked."""
    done: bool
    """False: this was a dry run."""
    calls: int
    """They stay in the figures, with the caller "unknown"."""
    recordings: int
    cards: int
    in_progress: int
    """Calls that go on: they are left. Ask again when they are over."""
    on_hold: int
    """Calls with a recording that is held: they are left as they are."""
    customers: list[str]
    """Ids of customers' records that have this number: they stay (`sanxiang customer erase ID`)."""
    set_aside: int
    """Rows that could not be put into the tables and hold the number: `sanxiang db set-aside` shows them."""
    journal_days: int
    """For so long the journal holds what happened in these calls, the number too; and back-ups for as long as they are kept."""


async def erase(asked: Asked) -> Erased:
    """Deletes the recordings, erases notes and number. A dry run unless `dry_run` is false; either leaves a line in the audit log."""
    wanted: Erasure = asked.body
    config, keeping = asked.context.config, keeping_of(asked)
    number = config.numbering.number(wanted.number)
    if sum(each.isdigit() for each in number) < SHORTEST:
        raise Problem(400, "bad-number", "This is no telephone number. Write it as +8613800001111.", field="number")
    if not wanted.dry_run:
        await all_written(asked)
    shown, writings = searched_number(asked.context, wanted.number), config.numbering.former_writings(number)
    action = "looked at what is stored of a caller" if wanted.dry_run else "caller erased"
    store = asked.context.store
    async with from_store(asked.context):
        found = await store.stored_of_caller(writings)
        about = {"calls": len(found.calls), "recordings": len(found.recordings), "on_hold": found.on_hold}
        audit = asked.request.app[DOOR].audit
        async with audit.change(asked.who.name, action, number=shown, reason=wanted.reason, **about) as noted:
            await noted()  # Before: it is done in several transactions, and what was done stays done.
            if not wanted.dry_run:
                for begin in range(0, len(found.recordings), _AT_ONCE):
                    why = f"caller erased: {wanted.reason}"
                    await keeping.delete(found.recordings[begin : begin + _AT_ONCE], asked.who.name, why)
                await store.erase_caller(found.calls, writings, asked.context.now())
                asked.context.cards.forget(found.calls)
                asked.context.tell(FaultForgotten(number))
                await asked.request.app[DRAFTS].forget(found.calls)
    return Erased(
        number=shown,
        done=not wanted.dry_run,
        calls=len(found.calls),
        recordings=len(found.recordings),
        cards=found.cards,
        in_progress=found.in_progress,
        on_hold=found.on_hold,
        customers=list(found.customers),
        set_aside=found.set_aside,
        journal_days=config.log.keep_days,
    )


_AT_ONCE = 200
ROUTES = [
    Route(
        "POST",
        "/api/callers/erase",
        erase,
        "callers-erase",
        "Erase what is stored of a caller; a dry run unless `dry_run` is false",
        Erased,
        body=Erasure,
        refusals={400: "bad-number", 409: "no-hotline", 503: "store-away, audit-away, or not-written-yet"},
    )
]
