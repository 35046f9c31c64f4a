"""A report made of written figures: two queues and two agents over a week, one of them with a name that tries to be more."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acd.config import Target
from acd.reports.contents import Report, Section, added, row, targets_of
from acd.reports.spans import Span
from acd.store.queries.agent_kpi import AgentKpi
from acd.store.queries.kpi import Kpi
from acd.words.reports import WORDS

WEEK = Span(date(2026, 11, 23), date(2026, 11, 29))
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOSTILE = '=HYPERLINK("http://x.example")</td><script>alert(1)</script>'
LABELS = {"orders": {"en": "Orders", "zh": "订单查询"}, "after-sales": {"en": HOSTILE, "zh": HOSTILE}}
MADE = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
TARGET = Target()


def queue_counts(queue: str, calls: int, **more: Any) -> Kpi:
    """Of so many calls nine tenths were answered, each after 10 s and for 100 s."""
    answered = calls * 9 // 10
    counts: dict[str, Any] = {
        "ended": calls, "ended_asked": calls, "answered": answered, "within_target": answered, "abandoned_queue": calls - answered,
        "offers": answered, "offers_rang": answered, "offers_in_time": answered, "wait_s": 10.0 * answered,
        "talk_s": 100.0 * answered, "hold_s": 0.5 * answered, "wrap_up_s": 20.0 * answered,
    }  # fmt: skip
    return Kpi(MADE - timedelta(days=7), MADE, queue, **(counts | more))


def agent_counts(agent: str, talks: int) -> AgentKpi:
    return AgentKpi(
        agent, offers=talks + 1, offers_rang=talks + 1, offers_in_time=talks, no_answer=1, talks=talks, talk_s=100.0 * talks,
        hold_s=1.0, wrap_up_s=20.0 * talks, logged_in_s=28800.0, idle_s=7200.0, busy_s=14400.0, not_ready_s=7200.0,
    )  # fmt: skip


def report(*, by: tuple[str, ...] = ("queues", "agents"), days: int = 7) -> Report:
    """`orders` has 700 calls in the week, `after-sales` 7."""
    span = Span(WEEK.last - timedelta(days=days - 1), WEEK.last)
    sections = {"queues": queues_section, "agents": agents_section}
    return Report(
        hotline="三响 <热线>",
        zone="Asia/Shanghai",
        span=span,
        made_at=MADE.astimezone(SHANGHAI),
        whole=True,
        queues=(),
        sections=tuple(sections[each](span) for each in by),
    )


def queues_section(span: Span) -> Section:
    counts = [queue_counts("orders", 100 * span.days), queue_counts("after-sales", span.days)]
    rows = [row("queues", each.queue, LABELS[each.queue], each, TARGET) for each in counts]
    day = [queue_counts("orders", 100), queue_counts("after-sales", 1)]
    by_day = [(each, row("queues", one.queue, LABELS[one.queue], one, TARGET)) for each in span for one in day]
    return Section(
        by="queues",
        rows=tuple(rows),
        total=row("queues", "", WORDS["all-queues"], added(counts), TARGET),
        days=tuple((each, row("queues", "", WORDS["all-queues"], added(day), TARGET)) for each in span),
        rows_by_day=tuple(by_day),
        targets=targets_of("queues", TARGET),
    )


def agents_section(span: Span) -> Section:
    names = {"1001": {"en": "1001 李娜", "zh": "1001 李娜"}, "1002": {"en": "1002 Tom <b>", "zh": "1002 Tom <b>"}}
    rows = [row("agents", each, label, agent_counts(each, 12), TARGET) for each, label in names.items()]
    total = row("agents", "", WORDS["all-agents"], agent_counts("", 24), TARGET)
    return Section(
        by="agents",
        rows=tuple(rows),
        total=total,
        days=tuple((each, total) for each in span),
        rows_by_day=tuple((each, one) for each in span for one in rows),
        targets=targets_of("agents", TARGET),
    )
