"""Calls that come in, looked at as a whole: numbers that are none of ours, limits that the ports don't carry, addresses that cover
more than the carrier."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from acd.config.capacity import Capacity
from acd.config.messages import near
from acd.config.schema import Config, Trunk
from acd.telephone_numbers import is_country, writings

_WIDE = 4096
"""Private addresses in one network: more than a carrier has, and as many as an office may have."""


def capacity(config: Config) -> Capacity:
    """How many calls this configuration takes at a time."""
    return Capacity(config.sip.rtp_end - config.sip.rtp_start + 1, len(config.agents), config.limits.calls)


def arrival_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything that can't be; nothing of numbers while the country is not known."""
    if not is_country(config.hotline.country):
        return
    for name, trunk in config.trunks.items():
        yield from _of_trunk(config, f"trunks.{name}", trunk)
    house = capacity(config)
    if config.limits.calls is not None and house.ports_needed > house.ports:
        fits = Capacity(house.ports, house.agents).calls
        yield (
            f"limits.calls: {house.calls} calls with {house.agents} agents need {house.ports_needed} RTP ports, and [sip] has "
            f"{house.ports}. Lower it to {min(fits, house.calls - 1)}, or raise sip.rtp_end to {config.sip.rtp_start + house.ports_needed - 1}."
        )
    for key, limit in (("menus", config.limits.menus), ("ask_key_from", config.limits.ask_key_from)):
        if limit > house.calls:
            yield (
                f"limits.{key}: there are never {limit} calls in the menus, for {house.calls} are taken in all (limits.calls or the RTP "
                "ports). Lower it, or raise sip.rtp_end."
            )
    if 0 < config.limits.menus <= config.limits.ask_key_from:
        yield (
            f"limits.ask_key_from: nobody is ever asked, for a call beyond limits.menus = {config.limits.menus} is refused before. "
            "Lower it below limits.menus, or raise limits.menus."
        )
    named: dict[str, str] = {}
    for number in config.nuisance:
        person = config.numbering.caller(number)
        if person == "unknown":
            yield (
                f"nuisance.{number}: stands for nobody: it is one of our own numbers, among hotline.stand_ins, a trunk's account, "
                "or no number. Take it away."
            )
        elif person in named:
            yield f"nuisance.{number}: is the same number as {named[person]} in another writing. Keep one of the two."
        elif config.nuisance[number].do == "turn-away" and any(
            config.numbering.caller(each) == person for each in config.priorities
        ):
            yield f"nuisance.{number}: is turned away, and has a priority under [priorities]. Keep one of the two."
        named.setdefault(person, number)


def _of_trunk(config: Config, place: str, trunk: Trunk) -> Iterator[str]:
    for key, example in (("caller_from", '["pai", "from"]'), ("did_from", '["to", "uri"]'), ("accounts", "")):
        entries: list[str] = getattr(trunk, key)
        if not entries and example:
            yield f"{place}.{key}: is empty. Name at least one place, as {key} = {example}."
        for twice in sorted({each for each in entries if entries.count(each) > 1}):
            yield f"{place}.{key}: {twice!r} stands twice. Keep one."
    if trunk.default_number is not None and own_number(config, trunk.default_number) is None:
        known = ", ".join(config.numbers) or "none"
        yield (
            f"{place}.default_number: {trunk.default_number} is none of hotline.numbers ({known})"
            f"{near(trunk.default_number, config.numbers)}. Name one of them."
        )
    house = capacity(config).calls
    for key in ("calls", "calls_without_number"):
        limit: int | None = getattr(trunk, key)
        if limit is not None and limit > house:
            yield (
                f"{place}.{key}: {limit} is more than the house takes ({house}, by limits.calls or the RTP ports). Lower it, or "
                "raise sip.rtp_end."
            )


def own_number(config: Config, number: str) -> str | None:
    """The number of the hotline that this is, in whatever writing, as hotline.numbers has it; None: it is none of them."""
    if number in config.numbers:
        return number
    country = config.hotline.country
    return next((each for each in config.numbers if number in writings(each, country)), None)


def arrival_warnings(config: Config) -> Iterator[str]:
    """A sentence for what may be meant so."""
    for name, trunk in config.trunks.items():
        place = f"trunks.{name}.addresses"
        for text in trunk.addresses:
            try:
                network = ipaddress.ip_network(text, strict=False)
            except ValueError:
                continue
            if config.sip.identify_first == "name":
                continue
            said = _covers(config, network)
            if said:
                yield (
                    f"{place}: {text} {said}. A telephone of an agent that registers from there is taken for the carrier, and "
                    'refused. Name the carrier\'s own addresses, or write sip.identify_first = "name".'
                )
    if config.sip.identify_first == "name" and config.agents:
        yield (
            'sip.identify_first: with "name" a caller over a trunk whose number is an agent\'s extension '
            f"({', '.join(list(config.agents)[:3])}) is asked for a password, and so never reaches the hotline."
        )


def _covers(config: Config, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    try:
        bind = ipaddress.ip_address(config.sip.bind)
    except ValueError:
        bind = ipaddress.ip_address("0.0.0.0")
    if network.num_addresses > 1 and bind.version == network.version and not bind.is_unspecified and bind in network:
        return f"covers sip.bind, {config.sip.bind}, this machine's own network"
    if network.is_private and network.num_addresses >= _WIDE and not network.is_loopback:
        return f"covers {network.num_addresses} private addresses"
    return ""
