"""Asterisk's console as `asterisk -rx COMMAND` speaks to it, without the program.

Tests ask it again and again until something is so, fifty times a second: each time a process cost a hundred times what the question does. The
protocol is that of `ast_remotecontrol` in Asterisk's main/asterisk.c: a greeting line comes, the command goes with a NUL behind it, and
after "cli quit after" Asterisk closes when it has answered.
"""

import asyncio
from pathlib import Path


async def ask(socket: Path, command: str) -> str:
    """What Asterisk prints; without an Asterisk the sentence of the program that can't reach one."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return f"Unable to connect to remote asterisk (does {socket} exist?)\n"
    try:
        await reader.readline()
        writer.write(b"cli quit after " + command.encode() + b"\0")
        said = await reader.read()
    except ConnectionError:
        return ""  # It has ended over it, as over "core stop now".
    finally:
        writer.close()
    return said.replace(b"\0", b"").decode("utf-8", "replace")
