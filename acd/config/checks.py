"""The configuration looked at as a whole: names that lead nowhere, skills nobody has, agents without calls.

A mistake makes the configuration refused. A warning, such as a queue with too few agents, is told by `config check`,
and the configuration is taken all the same.
"""

import ipaddress
import zoneinfo
from collections.abc import Iterator, Mapping

from acd.config.analysis import analysis_mistakes
from acd.config.arrival_checks import arrival_mistakes, arrival_warnings
from acd.config.brand_checks import brand_mistakes, brand_warnings
from acd.config.callbacks.checks import callback_mistakes
from acd.config.calls_out_checks import calls_out_mistakes
from acd.config.customers import class_mistakes, customer_warnings
from acd.config.hours.checks import hours_mistakes
from acd.config.lookups import known_lookups, lookup_mistakes, lookup_warnings
from acd.config.messages import near, shown
from acd.config.policy_checks import reached_by_rows, row_mistakes
from acd.config.queues import Agent
from acd.config.recordings.retention import retention_mistakes
from acd.config.schema import Config
from acd.config.sign_in import sign_in_mistakes, sign_in_warnings
from acd.config.surveys.mistakes import survey_mistakes
from acd.config.team_checks import team_mistakes, team_warnings
from acd.config.transfer_checks import transfer_mistakes, transfer_warnings
from acd.config.trunk_checks import trunk_warnings
from acd.engine.model import has_skills, takes
from acd.telephone_numbers import UNKNOWN, is_country


def mistakes_of(config: Config) -> Iterator[str]:
    """A sentence for everything that can't be, staffing apart."""
    if not config.queues:
        yield "queues: there is none. Add at least [queues.general]."
    for name, queue in config.queues.items():
        for skill, level in queue.prefers.items():
            if queue.skills.get(skill, 0) >= level:
                yield (
                    f"queues.{name}.prefers.{skill}: the queue requires level {queue.skills[skill]} of everybody, so "
                    f"preferring {level} prefers nobody. Prefer a higher level, or take it away."
                )
    yield from analysis_mistakes(config.analysis, {name: queue.analysis for name, queue in config.queues.items()})
    kept = config.recordings.retention
    told = (config.transfers.dispositions, known_lookups(config.lookups), config.transfers.named())
    yield from retention_mistakes(kept, config.queues, *told)
    yield from row_mistakes(config)
    yield from transfer_mistakes(config)
    yield from team_mistakes(config)
    yield from _transport_mistakes(config)
    yield from _taken_ports(config)
    if not config.numbers:
        yield 'hotline.numbers: there is none, so no call can come in. Add the numbers that your carrier sends, as "4006009500" = "zh".'
    yield from arrival_mistakes(config)
    yield from brand_mistakes(config)
    skills = frozenset(skill for profile in config.agents.values() for skill in profile.skills)
    yield from class_mistakes(config.classes, config.queues, skills)
    for agent, profile in config.agents.items():
        if agent in config.numbers:
            yield (
                f"agents.{agent}: is also a number of the hotline (hotline.numbers), and who dials it reaches the hotline. Give the "
                "agent another extension."
            )
        yield from _agents_queues(config, agent, profile)
        yield from _rung_outside(config, agent, profile)
    for number, language in config.numbers.items():
        if any(number.removeprefix("+").startswith(begin.removeprefix("+")) for begin in config.routing.never_dial):
            yield (
                f"routing.never_dial: {number} ({language}) is our own number and begins so. Shorten the list; our own "
                "numbers are never dialled anyway."
            )
    yield from _number_mistakes(config)
    yield from calls_out_mistakes(config)
    yield from callback_mistakes(config)
    dials_out = {name: trunk.dials_out for name, trunk in config.trunks.items()}
    yield from config.self_call.mistakes(list(config.numbers), dials_out)
    yield from config.waiting.mistakes()
    yield from config.faults.mistakes(list(config.queues), list(config.numbers))
    yield from config.alarms.mistakes(list(config.queues))
    yield from sign_in_mistakes(config.web.oidc, config.web.public_url, config.teams, config.brands)
    for name, report in config.reports.items():
        yield from report.mistakes(name, list(config.queues), mails=config.alarms.mail is not None)
    yield from lookup_mistakes(config.lookups, config.identity, config.transfers.verify, config.transfers.named())
    yield from hours_mistakes(config)
    yield from survey_mistakes(config)
    yield from config.reviews.mistakes()
    reasons = [reason.en for reason in config.not_ready_reasons.values()]
    yield from config.breaks.mistakes(reasons, config.queues, config.teams)
    yield from config.supervision.mistakes(list(config.agents))
    try:
        zoneinfo.ZoneInfo(config.hotline.timezone)
    except (KeyError, ValueError, OSError):
        yield f'hotline.timezone: {shown(config.hotline.timezone)} is unknown here. Write it as "Asia/Shanghai".'
    said: dict[str, int] = {}
    for key, reason in config.not_ready_reasons.items():
        if reason.en in said:
            yield (
                f"not_ready_reasons.{key}.en: {reason.en!r} is also the reason of key {said[reason.en]}, and the two "
                "could not be told apart. Give it another name."
            )
        said.setdefault(reason.en, key)


def _number_mistakes(config: Config) -> Iterator[str]:
    """The country, what stands for nobody, and numbers that are named twice in different writings."""
    country = config.hotline.country
    if not is_country(country):
        meant = {"UK": "GB"}.get(country.upper(), country.upper())
        hint = f' (did you mean "{meant}"?)' if is_country(meant) else ""
        yield (
            f"hotline.country: {country!r} is no country{hint}. Write its two capital letters by ISO 3166-1, as "
            '"CN" or "DE".'
        )
        return
    numbering = config.numbering
    for entry, number in enumerate(config.hotline.stand_ins, 1):
        if not numbering.number(number):
            yield (
                f"hotline.stand_ins (entry {entry}): {number!r} is no number. Callers without a number are nobody "
                "anyway: take it away, or write 2 to 20 digits."
            )
    named: dict[str, str] = {}
    for number in config.priorities:
        person = numbering.caller(number)
        if person == UNKNOWN:
            yield (
                f"priorities.{number}: stands for nobody: it is among hotline.stand_ins, one of our own numbers, a trunk's "
                "account, or no number of a person. Take it away, or take it out of that list."
            )
        elif person in named:
            yield f"priorities.{number}: is the same number as {named[person]} in another writing. Keep one of the two."
        named.setdefault(person, number)


def understaffed(config: Config) -> Iterator[str]:
    """A sentence for each skill that a queue asks for and nobody has. Nothing while there are no agents at all."""
    if not config.agents:
        return
    known = {skill for agent in config.agents.values() for skill in agent.skills}
    for name, queue in config.queues.items():
        for what, skills in (("skills", queue.skills), ("prefers", queue.prefers)):
            for skill, level in skills.items():
                if skill not in known:
                    yield (
                        f"queues.{name}.{what}.{skill}: no agent has this skill{near(skill, known)}. Give it to one, or "
                        "take it away."
                    )
                elif not any(agent.skills.get(skill, 0) >= level for agent in config.agents.values()):
                    yield (
                        f"queues.{name}.{what}.{skill}: no agent reaches level {level}. Lower it, or raise an agent's."
                    )
    for name, queue in config.queues.items():
        able = [agent for agent, profile in config.agents.items() if has_skills(profile.skills, queue.skills.items())]
        misspelt = any(known not in config.queues for agent in able for known in config.agents[agent].queues)
        if able and not misspelt and not any(takes(config.agents[agent], name) for agent in able):
            yield (
                f"queues.{name}: is without agents: {_listed(able)} could take its calls, and `queues` sends each of them "
                f'elsewhere. Add "{name}" to the `queues` of one.'
            )


def warnings(config: Config) -> list[str]:
    """A sentence for what may be meant so, and would be noticed by callers first."""
    return list(_warnings(config))


def _warnings(config: Config) -> Iterator[str]:
    yield from lookup_warnings(config.lookups, config.identity)
    yield from customer_warnings(config.customers)
    yield from _in_clear(config)
    yield from arrival_warnings(config)
    yield from trunk_warnings(config)
    yield from brand_warnings(config)
    yield from config.alarms.warnings()
    yield from sign_in_warnings(config.web.oidc)
    for name, report in config.reports.items():
        yield from report.warnings(name)
    if not config.agents:
        return
    for name, queue in config.queues.items():
        if any(has_skills(agent.skills, queue.skills.items()) for agent in config.agents.values()) or reached_by_rows(
            queue
        ):
            continue
        known = {skill for agent in config.agents.values() for skill in agent.skills}
        if all(skill in known for skill in queue.skills):
            yield (
                f"queues.{name}: is without agents: each of its skills is there, but no agent has all of them "
                f"({_levels(queue.skills)}). Its callers wait in vain: give all of them to one agent, or add a row to its overflow."
            )
    for agent, profile in config.agents.items():
        mine = [name for name in config.queues if takes(profile, name)]
        if not profile.queues and not any(
            has_skills(profile.skills, config.queues[name].skills.items()) for name in mine
        ):
            yield (
                f"agents.{agent}: matches no queue (skills: {_levels(profile.skills) or 'none'}). Add a skill that a "
                "queue requires, or remove the agent."
            )
        for name in profile.queues:
            lacking = config.queues[name].skills
            if not has_skills(profile.skills, lacking.items()) and not reached_by_rows(config.queues[name]):
                yield (
                    f"agents.{agent}.queues: {name} requires {_levels(lacking)}, which the agent lacks, so none of "
                    "its calls come to this agent. Add the skill, or take the queue away."
                )
    yield from transfer_warnings(config)
    yield from team_warnings(config)
    asked = [number for number, language in config.numbers.items() if language in ("en", "ask")]
    if asked and not config.has_own_menu and not any("en" in agent.skills for agent in config.agents.values()):
        yield (
            f"agents: no agent has the skill en, and callers who choose English (at {_listed(asked)}) are offered to no "
            "other agent. Give an agent en = 1, or make the numbers zh."
        )


def _transport_mistakes(config: Config) -> Iterator[str]:
    for name, trunk in config.trunks.items():
        if trunk.transport == "tls" and config.sip.tls is None:
            yield (
                f"trunks.{name}.transport: SIP over TLS needs a certificate. Add [sip.tls] with `certificate` and `key`, or take "
                '"tcp" or "udp".'
            )
        if trunk.transport != "udp" and not trunk.dials_out:
            yield (
                f'trunks.{name}.transport: nothing is sent to this carrier, so "{trunk.transport}" does nothing. Add `outbound` or '
                "`host`, or take the key away: its own calls are taken over UDP, TCP and TLS."
            )
        if not trunk.session_timers and not trunk.no_sound_s:
            yield _never_missed(f"trunks.{name}")
        if trunk.no_sound_on_hold_s and trunk.no_sound_on_hold_s < trunk.no_sound_s:
            yield _shorter_on_hold(f"trunks.{name}")
    agents = config.sip.agents
    if not agents.session_timers and not agents.no_sound_s:
        yield _never_missed("sip.agents")
    if agents.no_sound_on_hold_s and agents.no_sound_on_hold_s < agents.no_sound_s:
        yield _shorter_on_hold("sip.agents")


def _taken_ports(config: Config) -> Iterator[str]:
    """Two programs of ours at one TCP port of one address. 0 takes a free one."""
    sip = [(f"sip.{key}", bind, port) for bind in config.sip.binds for key, port in _sip_ports(config)]
    own = [("ports.ami", "127.0.0.1", config.ports.ami), ("ports.agi", "127.0.0.1", config.ports.agi)]
    known: list[tuple[str, str, int]] = []
    told: set[frozenset[str]] = set()
    for place, address, port in [*sip, *own, ("web.port", config.web.host, config.web.port)]:
        for other, beside, taken in known:
            both = frozenset({place, other})
            same = address == beside or {address, beside} & {"0.0.0.0", "::"}
            if port and port == taken and place != other and same and both not in told:
                told.add(both)
                yield f"{place}: {port} is {other} already. Take another."
                break
        known.append((place, address, port))


def _sip_ports(config: Config) -> list[tuple[str, int]]:
    return [("port", config.sip.port), *([("tls.port", config.sip.tls.port)] if config.sip.tls else [])]


def _never_missed(place: str) -> str:
    return (
        f"{place}.session_timers: without them, and with no_sound_s = 0, nobody notices a side that has vanished, and its calls "
        "would never end. Write no_sound_s = 60, or leave the timers on."
    )


def _shorter_on_hold(place: str) -> str:
    return (
        f"{place}.no_sound_on_hold_s: it is shorter than no_sound_s, so who holds a call would be cut before who is silent in it. "
        "Make it longer, or 0."
    )


def _in_clear(config: Config) -> Iterator[str]:
    """What crosses the network unencrypted, where somebody may not know that it does."""
    if config.web.public_url.startswith("http:") and config.web.behind_tls:
        yield (
            f"web.public_url: {config.web.public_url} is plain http, and with behind_tls the page is taken over https only: nobody could "
            "log in. Write https."
        )
    try:
        loopback = ipaddress.ip_address(config.web.host).is_loopback
    except ValueError:
        loopback = config.web.host == "localhost"
    if not loopback and not config.web.behind_tls:
        yield (
            f"web.host: {config.web.host} is reached from other machines, and passwords, PINs and cards cross the network in clear. "
            "Keep it at 127.0.0.1 behind a proxy with TLS, and write behind_tls = true."
        )
    for place, media in (
        ("sip.agents", config.sip.agents),
        *((f"trunks.{name}", trunk) for name, trunk in config.trunks.items()),
    ):
        over = config.trunks[place.removeprefix("trunks.")].transport if place.startswith("trunks.") else ""
        if media.media_encryption != "off" and config.sip.tls is None:
            yield (
                f"{place}.media_encryption: the key of the sound stands in SIP messages, which cross the network in clear. Add "
                "[sip.tls], and let SIP go over TLS."
            )
        elif media.media_encryption == "required" and over in ("udp", "tcp"):
            yield (
                f"{place}.media_encryption: the key of the sound stands in SIP messages, which go to this carrier over {over}, in "
                'clear. Write transport = "tls".'
            )


def _rung_outside(config: Config, agent: str, profile: Agent) -> Iterator[str]:
    if profile.outside is None:
        return
    place = f"agents.{agent}.outside"
    others = [other for other, row in config.agents.items() if row.outside == profile.outside and other < agent]
    if problem := config.dial_problem(profile.outside):
        yield f"{place}: {problem}"
    elif not any(trunk.dials_out for trunk in config.trunks.values()):
        remedy = "Give one `outbound`" if config.trunks else "Add one under [trunks]"
        yield f"{place}: there is no trunk to dial by. {remedy}, or take the number away: the agent has a telephone here."
    elif others:
        yield f"{place}: is also the number of agent {others[0]}, and two calls would ring there at once. Keep one."


def _agents_queues(config: Config, agent: str, profile: Agent) -> Iterator[str]:
    place = f"agents.{agent}.queues"
    unknown = [name for name in profile.queues if name not in config.queues]
    for name in unknown:
        yield f"{place}: there is no queue {name!r}{near(name, config.queues)}. Queues: {_listed(config.queues)}."
    for name in sorted({name for name in profile.queues if profile.queues.count(name) > 1}):
        yield f"{place}: {name!r} stands twice. Keep one."
    queues = [config.queues[name] for name in profile.queues if name in config.queues]
    if (
        queues
        and not unknown
        and not any(has_skills(profile.skills, q.skills.items()) or reached_by_rows(q) for q in queues)
    ):
        yield (
            f"{place}: the agent lacks the skills of each of these ({_listed(profile.queues)}), and so is in no queue at "
            "all. Add the skills, or other queues."
        )


def _listed(names: Mapping[str, object] | list[str]) -> str:
    some = list(names)
    return ", ".join(some[:8]) + (f" and {len(some) - 8} more" if len(some) > 8 else "")


def _levels(skills: Mapping[str, int]) -> str:
    return ", ".join(f"{skill} {level}" for skill, level in skills.items())
