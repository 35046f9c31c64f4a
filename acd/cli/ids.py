"""Ids of calls and recordings as they are typed: one sentence and exit status 1 for what can be none, and for what there is not."""

from acd.errors import SanxiangError
from acd.identifiers import is_call_id, is_offer_id
from acd.processes.api_client import Refused


class NoSuchCall(SanxiangError):
    """There is no call {call}. `sanxiang call list` shows the calls."""


class NoSuchRecording(SanxiangError):
    """There is no recording {recording}. `sanxiang recording list` shows the recordings."""


class NoCallOrRecording(SanxiangError):
    """There is no call and no recording {given}. `sanxiang call list` and `sanxiang recording list` show them."""


def known_call(call: str) -> str:
    """The id as it was typed. Raises Refused when no call can have it."""
    if not is_call_id(call):
        raise Refused(
            why=f"{call!r} can't be a call id, which looks like c1760000000-1. `sanxiang call list` shows them."
        )
    return call


def known_recording(recording: str) -> str:
    """The id as it was typed, of a recording or of a call. Raises Refused when no recording can have it."""
    if not is_offer_id(recording):
        raise Refused(
            why=f"{recording!r} can't be the id of a recording, which looks like c1760000000-1-1. "
            "`sanxiang recording list` shows them."
        )
    return recording
