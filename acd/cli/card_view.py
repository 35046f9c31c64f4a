"""A context card, and the targets of a transfer, as they are shown in a terminal."""

from collections.abc import Iterator
from typing import Any

from acd.cli.common import Language, padded
from acd.cli.times import HotlineClock
from acd.words import word
from acd.words.lookups import LOOKUPS, STATES, WHY, of

_EN = {
    "caller": "caller",
    "customer": "customer",
    "complaint": "complaint",
    "menu_path": "menu",
    "asked": "asked for",
    "looked_up": "looked up",
    "verified": "verified",
    "before": "before",
    "again": "the line ended since: verify again",
    "matter": "matter",
    "note": "note",
    "promise": "promise",
    "disposition": "disposition",
    "continues": "continues",
    "leg": "talked with",
    "ending": "ended",
    "by": "by",
    "until": "until",
    "waiting": "waiting",
    "free": "free",
}
_ZH = {
    "caller": "来电",
    "customer": "客户",
    "complaint": "未结投诉",
    "menu_path": "菜单路径",
    "asked": "请求",
    "looked_up": "查询",
    "verified": "身份核实",
    "before": "此前核实",
    "again": "线路曾中断，请重新核实",
    "matter": "事由",
    "note": "备注",
    "promise": "承诺",
    "disposition": "服务小结",
    "continues": "接续来电",
    "leg": "接待",
    "ending": "结束",
    "by": "由",
    "until": "期限",
    "waiting": "人等待",
    "free": "人空闲",
}
_LEVELS_ZH = {"none": "未核实", "number": "号码一致", "full": "已核实"}


def card_lines(card: dict[str, Any], clock: HotlineClock, language: Language) -> Iterator[str]:
    """The card, a fact a line; what is not known is left out."""
    words = _ZH if language == "zh" else _EN

    def line(what: str, *said: object) -> str:
        return f"{padded(words[what], 14)}{', '.join(str(one) for one in said if one)}"

    yield line("caller", card["caller"], card["region"][language], card["name"], card["value"])
    if customer := card.get("customer"):
        label = customer["class_label"][language]
        yield line("customer", customer["id"], label, customer["last_order"], customer["area"])
        if customer["complaint_ticket"] or customer["complaint_owner"]:
            yield line("complaint", customer["complaint_ticket"], customer["complaint_owner"])
    if card["continues"]:
        yield line("continues", card["continues"])
    if card["menu_path"]:
        yield line("menu_path", card["menu_path"])
    if card["asked"]:
        skills = " ".join(f"{skill}:{level}" for skill, level in card["asked"]["skills"].items())
        yield line("asked", card["asked"]["queue"], skills, clock.time(card["asked"]["at"]))
    for each in card["lookups"]:
        what, state = of(LOOKUPS, each["lookup"], language), of(STATES, each["state"], language)
        why = each["why"] and of(WHY, each["why"], language)
        told = (f"{name} {value}" for name, value in each["answer"].items())
        yield line("looked_up", what, state, why, *told, f"{each['took_s']:.1f} s", clock.time(each["at"]))
    verified = card["verified"]
    level = _LEVELS_ZH[verified["level"]] if language == "zh" else verified["level"]
    yield line("verified", level, verified["how"], verified["by"] and f"{words['by']} {verified['by']}")
    if before := verified.get("before"):
        level = _LEVELS_ZH[before["level"]] if language == "zh" else before["level"]
        yield line(
            "before", level, before["how"], f"{words['by']} {before['by']} {clock.time(before['at'])}", words["again"]
        )
    if card["matter"]:
        yield line("matter", card["matter"])
    yield from card["lines"][language]
    for entry in card["entries"]:
        due = entry.get("due_at")
        text = " / ".join(entry["text"].splitlines())
        yield line(
            entry["what"],
            entry.get("code"),
            text,
            due and f"{words['until']} {clock.minute(due)}",
            f"{words['by']} {entry['by']} {clock.time(entry['at'])}",
        )
    for leg in card["legs"]:
        talked = "" if leg["talk_s"] is None else f"{leg['talk_s']:.0f} s"
        yield line("leg", leg["agent"], leg["queue"], talked)
    if card["ended_at"]:
        ending = word("ending", card["ending"], language)
        yield line("ending", ending, clock.time(card["ended_at"]))


def target_rows(said: dict[str, Any], language: Language) -> Iterator[dict[str, Any]]:
    """Every target as one row: whither, its name, how it stands, why not."""
    words = _ZH if language == "zh" else _EN
    for kind, key in (("agents", "agent"), ("queues", "name"), ("skills", "skill"), ("numbers", "number")):
        for row in said[kind]:
            name = "queue" if key == "name" else key
            if kind == "agents":
                what, state = row["name"], word("state", row["state"], language)
            else:
                what, state = row[language], ""
            if "available" in row:
                state = f"{row['available']} {words['free']}"
            if "waiting" in row:
                state += f", {row['waiting']} {words['waiting']}"
            yield {
                "to": f"{name}:{row[key]}",
                "what": what,
                "state": state,
                "proposed": "*" if row["proposed"] else "",
                "why": row["why"] and word("refusal", row["why"], language),
            }
