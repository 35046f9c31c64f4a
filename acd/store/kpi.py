"""The figures of the house, each with its definition above its query (DESIGN: what the words mean exactly)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

THREE_RINGS = 3


@dataclass(frozen=True, slots=True)
class Kpi:
    """A rate is None when there was nothing to divide by: no calls is neither 0 % nor 100 %."""

    since: datetime
    until: datetime
    calls: int
    """Calls that arrived in the period and have ended."""
    live: int
    """Calls that arrived in the period and go on."""
    answered: int
    served: int
    turned_away: int
    abandoned_ivr: int
    abandoned_queue: int
    abandoned_ringing: int
    lost: int
    asked: int
    """Calls whose caller asked for a person."""
    short: int
    """Of those, who gave up under 5 s: missed, and shown apart."""
    connect_rate: float | None
    within_15_s: float | None
    three_ring_rate: float | None
    asa_s: float | None
    aht_s: float | None
    offers: int
    offers_rang: int
    offers_in_three_rings: int


# Connect rate: (answered by a person + served in full by the menu) / calls in.
# Calls in: those that arrived in the period and have ended; a call that goes on has not failed yet.
#
# Within 15 s: calls connected within the target / calls whose caller asked for a person. `within_target` is the
# engine's: from asking to a bridge that lasts at least 1 s. Who gives up counts as missed; who gives up under 5 s too,
# and is shown apart as `short`.
#
# ASA: mean wait from asking for a person to the bridge, over answered calls.
_CALLS = text(
    """
    SELECT count(*) FILTER (WHERE ended_at IS NOT NULL) AS calls,
           count(*) FILTER (WHERE ended_at IS NULL) AS live,
           count(*) FILTER (WHERE ending = 'answered') AS answered,
           count(*) FILTER (WHERE ending = 'served by menu') AS served,
           count(*) FILTER (WHERE ending = 'turned away') AS turned_away,
           count(*) FILTER (WHERE ending = 'abandoned in IVR') AS abandoned_ivr,
           count(*) FILTER (WHERE ending = 'abandoned in queue') AS abandoned_queue,
           count(*) FILTER (WHERE ending = 'abandoned while ringing') AS abandoned_ringing,
           count(*) FILTER (WHERE ending = 'lost') AS lost,
           count(*) FILTER (WHERE ended_at IS NOT NULL AND asked_for_person) AS asked,
           count(*) FILTER (WHERE ended_at IS NOT NULL AND asked_for_person AND short) AS short,
           count(*) FILTER (WHERE ended_at IS NOT NULL AND asked_for_person AND within_target) AS within,
           avg(wait_s) FILTER (WHERE ending = 'answered') AS asa_s,
           sum(talk_s) FILTER (WHERE ended_at IS NOT NULL) AS talk_s
    FROM calls WHERE arrived_at >= :since AND arrived_at < :until
    """
)

# Three-ring rate: offers answered within three rings / offers that rang, without those whose caller left meanwhile.
# An offer rang when its phone gave a sign of life: ringing, progress, or up at once. An answer that crossed the taking
# back counts neither way. Offers that still ring have no outcome yet and are not counted.
_OFFERS = text(
    """
    SELECT count(*) AS offers,
           count(*) FILTER (WHERE rang) AS rang,
           count(*) FILTER (WHERE rang AND answered_at IS NOT NULL AND COALESCE(rings, 1) <= :three) AS in_three
    FROM (SELECT answered_at, rings, (ringing_at IS NOT NULL OR answered_at IS NOT NULL)
                    AND outcome <> 'caller left' AND NOT crossed AS rang
          FROM offers
          WHERE offered_at >= :since AND offered_at < :until AND outcome IS NOT NULL) AS ended
    """
)

# AHT: (talk + hold + wrap-up) / answered calls. Talk is the time of the caller's channel in a bridge, hold included;
# wrap-up is the agents' own time in that state, of the stretches that began in the period.
_WRAP_UP = text(
    """
    SELECT COALESCE(sum(EXTRACT(EPOCH FROM COALESCE(to_at, LEAST(now(), :until)) - from_at)), 0)
    FROM agent_time WHERE state = 'wrap-up' AND from_at >= :since AND from_at < :until
    """
)


async def measure(connection: AsyncConnection, since: datetime, until: datetime) -> Kpi:
    period = {"since": since, "until": until}
    calls = (await connection.execute(_CALLS, period)).one()
    offers = (await connection.execute(_OFFERS, period | {"three": THREE_RINGS})).one()
    wrap_up_s = float((await connection.execute(_WRAP_UP, period)).scalar_one())
    return Kpi(
        since=since,
        until=until,
        calls=calls.calls,
        live=calls.live,
        answered=calls.answered,
        served=calls.served,
        turned_away=calls.turned_away,
        abandoned_ivr=calls.abandoned_ivr,
        abandoned_queue=calls.abandoned_queue,
        abandoned_ringing=calls.abandoned_ringing,
        lost=calls.lost,
        asked=calls.asked,
        short=calls.short,
        connect_rate=_share(calls.answered + calls.served, calls.calls),
        within_15_s=_share(calls.within, calls.asked),
        three_ring_rate=_share(offers.in_three, offers.rang),
        asa_s=None if calls.asa_s is None else float(calls.asa_s),
        aht_s=(float(calls.talk_s or 0) + wrap_up_s) / calls.answered if calls.answered else None,
        offers=offers.offers,
        offers_rang=offers.rang,
        offers_in_three_rings=offers.in_three,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
