"""Keeps Asterisk's messages of every scene in streams/: `python -m tests.pbx.record [SCENE…]`.

What is kept has passed the edge (acd/pbx/ami.py), so that no secret is in it.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.pbx.house import PbxHouse
from tests.pbx.scenes import SCENES

STREAMS = Path(__file__).parent / "streams"


async def record(names: list[str]) -> None:
    STREAMS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        house = await PbxHouse.opened(Path(folder), rtp_timeout_s=3)
        try:
            for name in names:
                floor = await house.linked()
                kept: list[dict[str, str]] = []
                inner = floor.pbx.ami.on_message

                def keep(message: dict[str, str], kept=kept, inner=inner) -> None:
                    kept.append({key: value for key, value in message.items() if key != "content"})
                    inner(message)

                floor.pbx.ami.on_message = keep
                await SCENES[name].play(house, floor)
                await house.everybody_leaves()
                text = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in kept)
                if house.settings.secrets.system_name in text:
                    raise RuntimeError(f"the mark of this Asterisk stands in the stream of {name}")
                (STREAMS / f"{name}.jsonl").write_text(text, encoding="utf-8")
                print(name, len(kept), "messages")
        finally:
            await house.closed()


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:] or list(SCENES)))
