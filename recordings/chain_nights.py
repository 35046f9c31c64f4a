"""What is done with the chain each night: a link over what was filed, and a check of a share of it. What is wrong raises an alarm."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from acd.engine.events import AlarmRaised, Event
from acd.store.errors import DatabaseAway
from recordings.chain import Chain, Key, LinkDamaged, NoChainKey
from recordings.chain_check import Checked, check
from recordings.sealing import Rows, seal

logger = logging.getLogger("recordings")

ALTERED = "recording altered"
WITHIN_DAYS = 28
"""Each night a share of the days' folders is held against the chain; in so many nights all of them."""
EACH_NIGHT_DAYS = 7
"""The latest days are checked every night."""


def in_share(folder: str, today: date) -> bool:
    """Whether the recordings of this day (2026/11/22) are checked in the night of `today`."""
    age = (today - date(*map(int, folder.split("/")))).days
    return age <= EACH_NIGHT_DAYS or age % WITHIN_DAYS == 0


class ChainNights:
    """The chain of one installation."""

    def __init__(self, root: Path, state: Path, tell: Callable[[Event], None], now: Callable[[], datetime]) -> None:
        """`root`: the recordings folder. `now`: aware."""
        self._root, self._state, self._tell, self._now = root, state, tell, now

    def sign(self, deletion: Mapping[str, Any]) -> str:
        """Empty where the key is lost: the recording is deleted all the same, and `recording verify` says that nobody has signed it."""
        try:
            return Key.of(self._state, make=True).sign(deletion)
        except (NoChainKey, OSError) as error:
            logger.error("the deletion of a recording is not signed: %s", error)
            return ""

    async def seal(self, rows: Rows) -> None:
        """Enters into the chain what was filed. A chain that is damaged raises the alarm; else the next night makes up for it."""
        try:
            chain = Chain(self._state, Key.of(self._state, make=True))
            link = await seal(rows, self._root, chain, self._now())
        except (NoChainKey, LinkDamaged) as error:
            self._tell(AlarmRaised(ALTERED, str(error), ""))
        except (DatabaseAway, OSError) as error:
            logger.warning("there is no link of the recordings' chain tonight: %s", error)
        else:
            said = (link.number, len(link.legs), link.head, chain.key.public)
            logger.info("link %d of the recordings' chain holds %d recordings; head %s, public key %s", *said)

    async def verify_share(self, rows: Rows, today: date) -> bool:
        """Holds this night's share against the chain; an alarm for each finding. False: the chain can't be read, which is told, too."""
        try:
            chain = Chain(self._state, await asyncio.to_thread(Key.of, self._state))
            async for each in check(rows, self._root, chain, lambda folder: in_share(folder, today), Checked()):
                self._tell(AlarmRaised(ALTERED, f"{each.about}: {each.what}", each.call))
        except (NoChainKey, LinkDamaged) as error:
            self._tell(AlarmRaised(ALTERED, str(error), ""))
            return False
        except (DatabaseAway, OSError) as error:
            logger.warning("tonight's check of the recordings was not finished: %s", error)
        return True
