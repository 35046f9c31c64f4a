"""The line of `status` that says how many more calls are taken."""

from acd.cli.common import counted
from acd.errors import SanxiangError
from acd.processes import api_client
from acd.setup.installation import Installation


def capacity_line(installation: Installation) -> str:
    """Calls, RTP ports and CPU in use, and what is left; empty where a daemon of an earlier version does not tell."""
    try:
        row = api_client.ask(installation, "GET", "/api/capacity")
    except SanxiangError:
        return ""
    busy = "" if row["cpu_busy"] is None else f"; CPU {row['cpu_busy']:.0%} of {counted(row['cores'], 'core')} busy"
    return (
        f"Capacity: {counted(row['calls'], 'call')} of {row['calls_limit']}, {row['calls_left']} more are taken; "
        f"RTP {row['rtp_pairs_used']} of {row['rtp_pairs']} pairs of ports{busy}"
    )
