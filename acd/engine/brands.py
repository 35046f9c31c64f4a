"""Brands as the engine knows them: which brand a call is of, and which agents a brand keeps to itself."""

from collections.abc import Collection

from acd.engine.model import Brand, Rules


def brand_named(rules: Rules, name: str) -> Brand | None:
    """The brand of that name; None: there is none, as for a call of no brand ("")."""
    return next((brand for brand in rules.brands if brand.name == name), None)


def brand_of(rules: Rules, dialled: str) -> str:
    """The brand whose number this is; empty: it is no brand's."""
    return next((brand.name for brand in rules.brands if dialled in brand.numbers), "")


def keeper_of(rules: Rules, name: str) -> str:
    """The brand to whose own agents the calls of this brand go; empty: to those whom no brand keeps."""
    brand = brand_named(rules, name)
    return name if brand is not None and brand.own else ""


def may_serve(kept_by: Collection[str], keeper: str) -> bool:
    """Whether an agent whom these brands keep may be offered a call that `keeper` keeps to its own agents, or that none does ("")."""
    return keeper in kept_by if keeper else not kept_by
