"""What only all trunks together can show."""

import itertools
from collections.abc import Iterator

from acd.config.network import overlap
from acd.config.schema import Config


def trunk_warnings(config: Config) -> Iterator[str]:
    """A sentence for two trunks that can't be told apart by the address of a call."""
    for (one, first), (other, second) in itertools.combinations(config.trunks.items(), 2):
        shared = [a for a in first.addresses for b in second.addresses if overlap(a, b)]
        if shared:
            yield (
                f"trunks.{other}.addresses: {shared[0]} counts as trunks.{one} too, and a call from there is taken for a call "
                "of either. Keep each address in one trunk."
            )
