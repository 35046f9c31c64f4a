"""Classes of recordings that a new configuration lacks, while recordings are kept by them: told before they are gone."""

from acd.config import Config
from acd.errors import SanxiangError
from acd.store.retention import due
from acd.store.retention.of_config import rules_of
from acd.store.retention.rules import RetentionClass
from acd.store.store import Store


async def removed_classes(store: Store, was: Config, config: Config) -> list[str]:
    """A warning for each class of `was` that `config` lacks, where recordings have it by hand or may have it by its rules; in the file's order."""
    before, rules = rules_of(was), rules_of(config)
    removed = {name: each for name, each in before.classes.items() if name not in rules.classes}
    if not removed:
        return []
    try:
        async with store.transaction() as connection:
            by_hand = await due.unknown_classes(connection, rules)
    except SanxiangError:
        by_hand = None
    found = [_said(name, each, None if by_hand is None else by_hand.get(name, 0)) for name, each in removed.items()]
    return [each for each in found if each]


def _said(name: str, each: RetentionClass, by_hand: int | None) -> str:
    place = f"recordings.retention.{name}: the class is taken away."
    if by_hand is None:
        return f"{place} Whether calls have it by hand can't be said now: PostgreSQL does not answer."
    if by_hand:
        return (
            f"{place} Calls have it by hand: {by_hand} of their recordings are kept until the class is there again, or the calls have "
            "another (`sanxiang recording class`)."
        )
    if each.queues or each.dispositions or each.lookups or each.reasons:
        return (
            f"{place} Recordings that had it by its rules are kept as others from the next night on: "
            "`sanxiang recording retention --dry-run` says what that deletes."
        )
    return ""
