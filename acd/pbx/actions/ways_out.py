"""Through which trunks calls go out, in which order, and what number each of them shows."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from acd.telephone_numbers import DialAs


class WaysOut:
    """The trunks of the configuration that can be dialled, those in trouble behind the others."""

    def __init__(self) -> None:
        self.order: list[str] = []
        """Endpoints, in the order in which they are tried."""
        self._shown: dict[str, str] = {}
        self._dial_as: dict[str, DialAs] = {}
        self._shown_for: dict[tuple[str, str], str] = {}

    def configure(
        self,
        shown: Mapping[str, str],
        dial_as: Mapping[str, DialAs],
        shown_for: Mapping[tuple[str, str], str] = MappingProxyType({}),
    ) -> None:
        """The endpoints of a new configuration, in its order, each with the number of its own that it shows, or empty; how
        each wants called numbers written; and what brands show (PbxSettings.shown_for)."""
        self.order, self._shown, self._dial_as = list(shown), dict(shown), dict(dial_as)
        self._shown_for = dict(shown_for)

    def reorder(self, wanted: Sequence[str]) -> None:
        """Takes this order of endpoints over, as far as they are known; the others follow."""
        known = [each for each in wanted if each in self.order]
        self.order = known + [each for each in self.order if each not in known]

    def shown(self, endpoint: str, dialled: str) -> str:
        """The number that the called person sees: that of the brand of the number of ours that was dialled, else the trunk's
        own, else that number."""
        return self._shown_for.get((endpoint, dialled), "") or self._shown.get(endpoint, "") or dialled

    def dial_as(self, endpoint: str) -> DialAs:
        """How the carrier of this endpoint wants called numbers written."""
        return self._dial_as.get(endpoint, "national")

    @property
    def first(self) -> str:
        """The endpoint that is tried first; empty when there is no way out."""
        return next(iter(self.order), "")
