"""Faults around the engine: their words are spoken, and menus are told which concern a caller."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from acd.daemon.core import Core
from acd.faults.concerned import Concerned
from acd.faults.words import all_texts
from acd.setup.fault_words import Sentence, speak_at_once
from acd.setup.voice_maker import start_maker


class FaultDesk:
    """For the web server: `facts` for menus, `speak` for who declares."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sounds = Path(core.plan.sounds)
        self._concerned = Concerned(
            core.faults, lambda *who: core.customers.facts(*who), lambda: core.config, core.now, self.spoken
        )
        self.facts = self._concerned.facts

    def spoken(self, language: str, prompt: str) -> bool:
        """Whether there is a sound file of this name."""
        return bool(prompt) and (self._sounds / language / f"{prompt}.wav").is_file()

    async def speak(self, sentences: Sequence[Sentence]) -> list[str]:
        """Speaks the sentences with the voice that is ready, and has the better one speak them in its own time. A sentence for each that
        could not be spoken."""
        config = self._core.config
        faults = await asyncio.to_thread(speak_at_once, config, self._sounds, list(sentences))
        await asyncio.to_thread(start_maker, self._core.installation, config, self._sounds)
        return faults

    async def begin(self) -> None:
        """After a start: the words of open faults are there, whatever became of the folder of sounds. Then nothing more."""
        rows = [row for row in self._core.faults() if row["open"]]
        missing = [each for each in all_texts(rows) if not self.spoken(each[0], each[1])]
        if missing:
            await self.speak(missing)
        await asyncio.Event().wait()
