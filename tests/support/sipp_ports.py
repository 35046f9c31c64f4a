"""The media ports of a SIPp: as many as its calls need, since five systems with all their SIPps share one machine."""

from typing import TypedDict

from acd.pbx.install.ports import free_rtp_range


class MediaPorts(TypedDict):
    """Arguments of SippCaller and SippAgents."""

    rtp_port: int
    rtp_ports: int


def media_ports(host: str, calls: int) -> MediaPorts:
    """Free ports for this many calls at a time. A call takes four at most; one that has just ended still has its own."""
    width = min(400, 40 + 8 * calls)
    return {"rtp_port": free_rtp_range(host, width)[0], "rtp_ports": width}
