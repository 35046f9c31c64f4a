"""Keeps Asterisk's messages of every scene in streams/: `python -m tests.pbx.record_streams [SCENE…]`.

What is kept has passed the edge (acd/pbx/ami/connection.py), so that no secret is in it. Between the messages stand our own deeds,
which the channel book is told of before they go on the wire.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

from acd.engine.commands import Command
from acd.pbx.actions import consult_actions, offer_actions
from acd.pbx.channel_book import ChannelBook
from acd.pbx.expected_moves import expect
from tests.pbx.support.phone_transfer_scenarios import BY_PHONE, opened
from tests.pbx.support.scenarios import SCENARIOS
from tests.pbx.support.transfer_scenarios import ALL

STREAMS = Path(__file__).parent / "streams"
EVERY = ALL | BY_PHONE


def stream_of(name: str) -> Path:
    """Scenes in which callers are handed over lie apart: only with our deeds between them do their messages make sense."""
    return (STREAMS if name in SCENARIOS else STREAMS / "handed_over") / f"{name}.jsonl"


async def record(names: list[str]) -> None:
    (STREAMS / "handed_over").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        house = await opened(Path(folder))
        try:
            for name in names:
                floor = await house.linked()
                kept: list[dict[str, Any]] = []
                inner = floor.pbx.ami.on_message

                def keep(message: dict[str, str], kept=kept, inner=inner) -> None:
                    kept.append({key: value for key, value in message.items() if key != "content"})
                    inner(message)

                def note(book: ChannelBook, command: Command, kept=kept) -> None:
                    kept.append({"Deed": type(command).__name__, **asdict(command)})
                    expect(book, command)

                floor.pbx.ami.on_message = keep
                with patch.object(offer_actions, "expect", note), patch.object(consult_actions, "expect", note):
                    await EVERY[name].play(house, floor)
                await house.everybody_leaves()
                text = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in kept)
                if house.settings.secrets.system_name in text:
                    raise RuntimeError(f"the mark of this Asterisk stands in the stream of {name}")
                stream_of(name).write_text(text, encoding="utf-8")
                print(name, len(kept), "messages")
        finally:
            await house.closed()


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:] or list(EVERY)))
