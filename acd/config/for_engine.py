"""The configuration in the engine's types: queues, agents, rules, and all of it as the event ConfigChanged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from acd.config.queues import Row
from acd.config.schema import Config
from acd.engine.events import ConfigChanged
from acd.engine.model import AgentProfile, Escalation, LineRules, Overflow, Queue, Rules, Skills

CALLBACK_WITHIN = timedelta(seconds=45)
"""From dialling the customer of a callback to their answer."""
KEY_WITHIN = timedelta(seconds=30)
"""The longest that the question for a key takes then ([ask-key] in asterisk_conf/extensions_elsewhere.conf)."""


def skills(levels: Mapping[str, int]) -> Skills:
    return tuple(sorted(levels.items()))


def queues(config: Config) -> list[Queue]:
    return [
        Queue(
            name=name,
            skills=skills(queue.skills),
            priority=queue.priority,
            wrap_up=timedelta(seconds=queue.wrap_up_s),
            prefers=skills(queue.prefers),
            strategy=queue.strategy,
            emergency=queue.emergency,
            overflow=tuple(map(_overflow, queue.overflow)),
            answer_within=None
            if queue.target.answer_within_s is None
            else timedelta(seconds=queue.target.answer_within_s),
        )
        for name, queue in config.queues.items()
    ]


def _overflow(row: Row) -> Overflow:
    return Overflow(
        do=row.do,
        why=row.why,
        when=row.when,
        after=timedelta(seconds=row.after_s or 0),
        calls=row.calls or 0,
        wait=timedelta(seconds=row.wait_s or 0),
        skill=row.skill or "",
        to=row.to or 0,
        queue=row.queue or "",
        by=row.by or 0,
        number=row.number or "",
        within=timedelta(hours=row.within_h) if row.do == "offer-callback" else timedelta(0),
    )


def agents(config: Config) -> tuple[AgentProfile, ...]:
    return tuple(
        AgentProfile(
            agent, profile.name, skills(profile.skills), tuple(profile.queues), profile.tier, profile.outside or ""
        )
        for agent, profile in config.agents.items()
    )


def rules(config: Config) -> Rules:
    routing, transfers = config.routing, config.transfers
    return Rules(
        ring=timedelta(seconds=config.rings.ring_s),
        rings=config.rings.rings,
        answer_within=timedelta(seconds=config.target.answer_within_s),
        utc_offset=_utc_offset(config.hotline.timezone),
        priorities={config.numbering.caller(number): points for number, points in config.priorities.items()},
        priority_worth=timedelta(seconds=routing.priority_s),
        emergency_worth=timedelta(seconds=routing.emergency_s),
        return_within=timedelta(minutes=routing.return_within_min),
        same_agent=routing.same_agent,
        same_agent_within=timedelta(hours=routing.same_agent_within_h),
        same_agent_hold=timedelta(seconds=routing.same_agent_hold_s),
        spare_versatile=routing.spare_versatile,
        expected_handling=timedelta(seconds=routing.expected_handling_s),
        refusals=routing.phone_refusals,
        log_out_unreachable=timedelta(minutes=routing.log_out_unreachable_min),
        callback_within=CALLBACK_WITHIN + (KEY_WITHIN if config.calls_out.ask_key else timedelta(0)),
        callback_attempts=routing.callback_attempts,
        callback_pause=timedelta(minutes=routing.callback_pause_min),
        transfer_reasons={str(key): reason.en for key, reason in transfers.reasons.items()},
        extensions={extension: leads.target for extension, leads in transfers.extensions.items()},
        transfer_numbers=tuple(transfers.numbers),
        transfer_number_tiers={number: known.tier for number, known in transfers.numbers.items() if known.tier > 1},
        escalations=tuple(Escalation(row.reason, row.tier, row.over) for row in transfers.escalation),
        hold_reminder=timedelta(seconds=transfers.hold_reminder_s),
        hold_limit=timedelta(seconds=transfers.hold_limit_s),
        calls_out=config.calls_out_rules(),
        dropped_within=timedelta(minutes=transfers.dropped_within_min),
        line=line_rules(config),
    )


def line_rules(config: Config) -> LineRules:
    return LineRules(**config.quality.model_dump(exclude={"look_s"}))


def config_changed(config: Config, version: int, by: str) -> ConfigChanged:
    """The configuration, whole, as the engine is told it."""
    return ConfigChanged(tuple(queues(config)), agents(config), rules(config), version, by)


def _utc_offset(timezone: str) -> timedelta:
    return datetime.now(ZoneInfo(timezone)).utcoffset() or timedelta(0)
