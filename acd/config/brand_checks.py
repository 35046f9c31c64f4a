"""The [brands] looked at as a whole: numbers and queues that two have, names that lead nowhere, brands whose calls nobody may take."""

from collections.abc import Iterator, Mapping

from acd.config.brands import Brand, brand_of_queue
from acd.config.messages import near
from acd.config.schema import Config
from acd.engine.model import has_skills, takes
from acd.telephone_numbers import is_country, writings


def brand_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything in [brands] that can't be."""
    yield from _numbers_of_two(config)
    yield from _queues_of_two(config)
    for name, brand in config.brands.items():
        place = f"brands.{name}"
        for queue in brand.queues:
            if queue not in config.queues:
                yield f"{place}.queues: there is no queue {queue!r}{near(queue, config.queues)}. Queues: {_listed(config.queues)}."
        for agent in brand.agents:
            if agent not in config.agents:
                yield f"{place}.agents: there is no agent {agent}{near(agent, config.agents)}. Add [agents.{agent}], or take it away."
        yield from _shown_numbers(config, place, brand)
        if brand.own:
            yield from _own(config, name, brand)
    yield from _rows(config)


def brand_warnings(config: Config) -> Iterator[str]:
    """A sentence for what may be meant so."""
    kept = {agent for brand in config.brands.values() if brand.own for agent in brand.agents}
    for agent in sorted(kept & set(config.agents)):
        profile = config.agents[agent]
        queues = [
            queue for brand in config.brands.values() if brand.own and agent in brand.agents for queue in brand.queues
        ]
        known = [queue for queue in queues if queue in config.queues]
        if known and not any(
            takes(profile, q) and has_skills(profile.skills, config.queues[q].skills.items()) for q in known
        ):
            yield (
                f"agents.{agent}: a brand keeps this agent, who can take calls of none of its queues ({_listed(known)}). Give the "
                "agent their skills, or take the agent out of the brand's agents."
            )
    shared = [agent for agent in config.agents if agent not in kept]
    for name, queue in config.queues.items():
        owner = brand_of_queue(config.brands, name)
        if not kept or (owner and config.brands[owner].own):
            continue
        able = [a for a, p in config.agents.items() if takes(p, name) and has_skills(p.skills, queue.skills.items())]
        if able and not any(agent in shared for agent in able):
            yield (
                f"queues.{name}: is without agents: each who could take its calls ({_listed(able)}) is kept by a brand with "
                "own = true. Give its skills to another agent, or put the queue into that brand's queues."
            )


def _numbers_of_two(config: Config) -> Iterator[str]:
    country = config.hotline.country
    taken: dict[str, str] = {}
    places: list[tuple[str, Mapping[str, object]]] = [("hotline.numbers", config.hotline.numbers)]
    places += [(f"brands.{name}.numbers", brand.numbers) for name, brand in config.brands.items()]
    for place, numbers in places:
        for number in numbers:
            forms = {number, *(writings(number, country) if is_country(country) else ())}
            other = next(
                (taken[form] for form in forms if form in taken and not taken[form].startswith(f"{place}.")), ""
            )
            if other:
                yield f"{place}.{number}: is also {other}, and a call could not be told to be the one's or the other's. Keep one."
            taken |= dict.fromkeys(forms - set(taken), f"{place}.{number}")


def _queues_of_two(config: Config) -> Iterator[str]:
    owner: dict[str, str] = {}
    for name, brand in config.brands.items():
        for queue in brand.queues:
            if queue in owner:
                yield (
                    f"brands.{name}.queues: {queue!r} belongs to brand {owner[queue]} already. Keep it in one, or take it out of both: "
                    "a queue of no brand is open to all."
                )
            owner.setdefault(queue, name)


def _shown_numbers(config: Config, place: str, brand: Brand) -> Iterator[str]:
    for trunk, number in brand.caller_number.items():
        where = f"{place}.caller_number.{trunk}"
        known = config.trunks.get(trunk)
        if known is None:
            yield f"{where}: there is no trunk {trunk!r}{near(trunk, config.trunks)}. Trunks: {_listed(config.trunks) or 'none'}."
        elif not known.dials_out:
            yield f"{where}: no call goes out over this trunk. Give it `outbound`, or take {number} away."
        elif known.number_in != "from":
            yield (
                f'{where}: this trunk shows its number in another header (number_in = "{known.number_in}"), which is one for the whole '
                'trunk. Write number_in = "from" there, or give the brand a trunk of its own.'
            )


def _own(config: Config, name: str, brand: Brand) -> Iterator[str]:
    """A brand that keeps to itself must be able to serve its calls by itself."""
    place = f"brands.{name}"
    if not brand.agents:
        yield f"{place}.own: its calls go to its own agents alone, and it has none. Name them under `agents`, or take `own` away."
    if not brand.queues:
        yield f"{place}.own: its calls wait in its own queues alone, and it has none. Name them under `queues`, or take `own` away."
    for other, sharing in config.brands.items():
        both = [agent for agent in brand.agents if agent in sharing.agents]
        if both and not sharing.own:
            yield (
                f"{place}.agents: {_listed(both)} can't be kept by this brand (own = true) and stand among the agents of {other}, which "
                f"shares its own. Take the agent out of one, or write own = true in {other} too."
            )
    known = [agent for agent in brand.agents if agent in config.agents]
    for queue in brand.queues:
        wanted = config.queues.get(queue)
        if wanted is None or len(known) < len(brand.agents) or not known:
            continue
        able = [config.agents[agent] for agent in known if takes(config.agents[agent], queue)]
        if not any(has_skills(profile.skills, wanted.skills.items()) for profile in able):
            yield (
                f"{place}.agents: none of them can take calls of {queue}, and no other agent may (own = true). Give one its skills, or "
                "name another agent."
            )


def _rows(config: Config) -> Iterator[str]:
    """Rows of policies that lead from the queue of one brand to another's, where one of the two keeps to itself."""
    for name, queue in config.queues.items():
        mine = brand_of_queue(config.brands, name)
        for number, row in enumerate(queue.overflow, 1):
            theirs = brand_of_queue(config.brands, row.queue or "")
            if row.queue not in config.queues or mine == theirs:
                continue
            keeps = next((each for each in (mine, theirs) if each and config.brands[each].own), "")
            if keeps:
                yield (
                    f"queues.{name}.overflow (row {number}): leads to {row.queue}, and brand {keeps} keeps its calls and agents to itself "
                    "(own = true). Name a queue of the same brand, or take the row away."
                )


def _listed(names: Mapping[str, object] | list[str]) -> str:
    some = list(names)
    return ", ".join(some[:8]) + (f" and {len(some) - 8} more" if len(some) > 8 else "")
