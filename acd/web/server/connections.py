"""How many connections one address may hold to the web port, and for how long an idle one stays.

A connection on which nothing is asked, or only half a request came, is closed after `KEEP_ALIVE_S`. Of an address with too many the
oldest are closed once what is asked on them is answered; streams are bounded apart, by session and account.
"""

from collections import defaultdict

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from acd.web.access.lockout import network_of

KEEP_ALIVE_S = 75.0
OF_AN_ADDRESS = 500
"""An office behind one address, or a proxy; a browser opens six."""


def close_what_is_too_much(server: web.Server | None, most: int = OF_AN_ADDRESS) -> int:
    """Asked every second. How many connections were closed, or will be when what is asked on them is answered."""
    by_address: defaultdict[str, list[RequestHandler]] = defaultdict(list)
    for connection in server.connections if server is not None else ():
        peer = connection.peername
        by_address[network_of(peer[0]) if isinstance(peer, tuple) else ""].append(connection)
    beyond = [connection for held in by_address.values() for connection in held[: max(0, len(held) - most)]]
    for connection in beyond:
        if connection._current_request is None:
            connection.force_close()  # close() alone ends the task of an idle one, and leaves its socket open
        else:
            connection.close()
    return len(beyond)
