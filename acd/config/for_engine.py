"""The configuration in the engine's types: queues, agents, rules, and all of it as the event ConfigChanged."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from acd.config.brands import brand_of_queue
from acd.config.queues import Row
from acd.config.schema import Config
from acd.config.surveys.table import QUESTIONS
from acd.engine.events import ConfigChanged
from acd.engine.model import (
    AgentProfile,
    Brand,
    BreakRules,
    CallbackRules,
    CallerClass,
    Escalation,
    LineRules,
    Overflow,
    Queue,
    Rules,
    Skills,
    SurveyPlan,
    Team,
)
from acd.engine.supervision.break_rules import BreakKind, BreakLimit, BreakPlan

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
            brand=brand_of_queue(config.brands, name),
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
            agent,
            profile.name,
            skills(profile.skills),
            tuple(profile.queues),
            profile.tier,
            profile.outside or "",
            profile.team or "",
            tuple(name for name, brand in config.brands.items() if brand.own and agent in brand.agents),
        )
        for agent, profile in config.agents.items()
    )


def rules(config: Config, today: date | None = None) -> Rules:
    """`today`: where the hotline is, from which the days ahead are reckoned; None: as it is now."""
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
        mask_limit=timedelta(seconds=config.recordings.mask_limit_s),
        calls_out=config.calls_out_rules(today),
        dropped_within=timedelta(minutes=transfers.dropped_within_min),
        line=line_rules(config),
        teams=teams(config),
        brands=brands(config, today),
        auto_answer=tuple(agent for agent in config.agents if config.answers_automatically(agent)),
        classes=classes(config),
        surveys=surveys(config),
        callbacks=callbacks(config),
        breaks=breaks(config),
    )


def breaks(config: Config) -> BreakRules | None:
    table = config.breaks
    if not table.kinds:
        return None
    return BreakRules(
        kinds=tuple(BreakKind(name, timedelta(minutes=kind.minutes), kind.leave) for name, kind in table.kinds.items()),
        limits=tuple(BreakLimit(row.at_once, row.team or "", row.queue or "", *row.span) for row in table.limits),
        plans=tuple(
            BreakPlan(row.team, row.reason, *row.span, None if row.minutes is None else timedelta(minutes=row.minutes))
            for row in table.plans
        ),
        longest_work=timedelta(minutes=table.longest_work_min),
        rest=timedelta(minutes=table.rest_min),
    )


def callbacks(config: Config) -> CallbackRules:
    table = config.callbacks
    return CallbackRules(
        within=timedelta(hours=table.within_h),
        within_of=tuple((queue, hours * 3600.0) for queue, hours in table.queues.items()),
        messages=table.messages,
        abandoned=table.abandoned,
        retry_after=tuple(minutes * 60.0 for minutes in table.retry_after_min),
    )


def classes(config: Config) -> tuple[CallerClass, ...]:
    return tuple(
        CallerClass(name, known.priority, known.queue or "", tuple(known.instead_of), skills(known.skills))
        for name, known in config.classes.items()
    )


def surveys(config: Config) -> tuple[SurveyPlan, ...]:
    """A plan for each queue and brand that has one of its own, and one for all others; none where nobody is asked."""
    if not config.survey.any_on:
        return ()
    own = [(queue, "") for queue in config.survey.queues] + [("", brand) for brand in config.survey.brands]
    return tuple(_survey(config, queue, brand) for queue, brand in (*own, ("", "")))


def _survey(config: Config, queue: str, brand: str) -> SurveyPlan:
    table = config.survey.of(queue, brand)
    return SurveyPlan(
        queue=queue,
        brand=brand,
        questions=tuple(each for each in QUESTIONS if each in table.questions) if table.on else (),
        sample=table.sample,
        every=timedelta(days=table.every_days),
        languages=tuple(table.languages) if len(table.languages) < 2 else (),
        low=table.low,
        low_queue=table.low_queue or "",
        when_left=table.when_left,
        answer_within=timedelta(hours=table.link_hours),
        call_after=timedelta(minutes=table.call_after_min),
        call_pauses_s=tuple(minutes * 60.0 for minutes in table.call_retry_min),
    )


def teams(config: Config) -> tuple[Team, ...]:
    return tuple(
        Team(
            name,
            None if team.wrap_up_s is None else timedelta(seconds=team.wrap_up_s),
            team.forced_disposition,
            None if team.hand_over_to is None else tuple(team.hand_over_to),
        )
        for name, team in config.teams.items()
    )


def brands(config: Config, today: date | None = None) -> tuple[Brand, ...]:
    return tuple(
        Brand(
            name,
            tuple(brand.numbers),
            brand.own,
            None if brand.target.answer_within_s is None else timedelta(seconds=brand.target.answer_within_s),
            # calls_out.hours is for all; without it each brand calls back within its own.
            *config.callback_hours_of(brand, today),
        )
        for name, brand in config.brands.items()
    )


def line_rules(config: Config) -> LineRules:
    return LineRules(**config.quality.model_dump(exclude={"look_s"}))


def config_changed(config: Config, version: int, by: str) -> ConfigChanged:
    """The configuration, whole, as the engine is told it."""
    return ConfigChanged(tuple(queues(config)), agents(config), rules(config), version, by)


def _utc_offset(timezone: str) -> timedelta:
    return datetime.now(ZoneInfo(timezone)).utcoffset() or timedelta(0)
