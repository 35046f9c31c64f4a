"""Has the better voices speak what espeak-ng speaks for now: a process beside the hotline, `python -m acd.setup.voice_maker STATE`.

It is started by `up` and `demo`, and by the daemon after a reload, and nobody waits for it. It fetches the voices' packages where they are not
there yet, has one text after the other spoken into the cache, and puts the files in the place of espeak-ng's, each whole. It yields the
processor to everything else and ends with whoever has started it; what it has made is kept. One works at a time on a machine.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from acd.cache import cache_folder
from acd.config import Config
from acd.config.versions import Versions
from acd.errors import SanxiangError
from acd.files import write_private
from acd.pbx.install.runtime import find_pbx
from acd.progress import Progress, Silent
from acd.setup.installation import Installation
from acd.setup.speaking import put_in_place, unspoken
from acd.setup.spoken_names import prompt_cache
from acd.voices.catalogue import better_voices
from acd.voices.dialogue import NICE, CantBeSpoken, Worker
from acd.voices.environment import ensure_voice
from acd.voices.making import Wanted, speak
from ivr.prompts import TextsError
from ivr.voice import VoiceError

PLACED_EVERY_S = 20.0
"""What was made until then is put into place."""
MOST_LOG_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class VoiceState:
    """How far the better voices are with the prompts of one installation."""

    state: str
    """"fetching", "making", "done" or "failed"."""
    left: int = 0
    """Texts that espeak-ng speaks."""
    why: str = ""
    """Of a failure, one sentence with the remedy."""
    at: str = ""

    @classmethod
    def of(cls, installation: Installation) -> "VoiceState | None":
        """As it was kept last; None before the first."""
        try:
            return cls(**json.loads((installation.state / "voice.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def sentence(self) -> str:
        """The same, for an operator."""
        texts = f"{self.left} {'text' if self.left == 1 else 'texts'}"
        match self.state:
            case "failed":
                return f"espeak-ng speaks {texts}: {self.why}"
            case "done" if not self.left:
                return "The better voice has spoken all texts."
            case "done" if self.why:
                return f"The better voice can't speak {texts}: {self.why}"
            case "done":
                return f"The better voice was stopped with {texts} to go; the next start goes on."
            case _:
                return f"The better voice is at work: {texts} to go."

    def keep(self, installation: Installation) -> None:
        kept = asdict(self) | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
        write_private(installation.state / "voice.json", json.dumps(kept, ensure_ascii=False), durable=False)


def start_maker(installation: Installation, config: Config, sounds: Path) -> int:
    """Starts the process where there is something to make, and does not wait for it; how many texts that is. Never fails a start: what
    can't be done stays with espeak-ng."""
    try:
        left = len(unspoken(config, sounds))
    except (OSError, SanxiangError, TextsError):
        return 0
    if left:
        with suppress(OSError):
            with _log_of(installation) as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "acd.setup.voice_maker", str(installation.state)],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                    env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONSAFEPATH": "1"},
                )  # fmt: skip
            threading.Thread(target=process.wait, name="voice maker", daemon=True).start()
    return left


def _log_of(installation: Installation) -> IO[str]:
    file = installation.log / "voice.log"
    with suppress(OSError):
        if file.stat().st_size > MOST_LOG_BYTES:
            file.unlink()
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a")


def run_maker(installation: Installation, lives: Callable[[], bool] = lambda: True) -> None:
    """Makes what the configuration in force lacks, and what a reload meanwhile has added; until `lives` says that nobody wants it."""
    sounds = installation.state / "sounds"
    done = -1
    with alone():
        while lives():
            versions = Versions(installation.versions, made=False)
            latest = versions.latest()
            if latest is None or latest.number == done:
                return
            config = versions.texts(latest.number).checked(latest.file)
            make_missing(config, sounds, lives=lives, told=lambda state: state.keep(installation))
            done = latest.number


def make_missing(
    config: Config,
    sounds: Path,
    *,
    progress: Progress | None = None,
    lives: Callable[[], bool] = lambda: True,
    told: Callable[[VoiceState], None] = lambda state: None,
) -> VoiceState:
    """Speaks what is missing and puts it into `sounds`, now; how it ended. Raises VoiceError, TextsError, and what `find_pbx` raises."""
    progress = progress or Silent()
    espeak = find_pbx(("espeak-ng",)).tool("espeak-ng")
    left = unspoken(config, sounds)
    if not left:
        put_in_place(config, espeak, sounds)
        return _told(VoiceState("done"), told)
    told(VoiceState("fetching", len(left)))
    try:
        parts = ensure_voice(progress)
        with Worker.speaker(parts) as worker:
            refused = _speak_all(worker, left, config, sounds, espeak, progress, lives, told)
    except (SanxiangError, OSError) as error:
        put_in_place(config, espeak, sounds)
        return _told(VoiceState("failed", len(unspoken(config, sounds)), str(error)), told)
    put_in_place(config, espeak, sounds)
    return _told(VoiceState("done", len(unspoken(config, sounds)), refused), told)


def _speak_all(
    worker: Worker, left: list[Wanted], config: Config, sounds: Path, espeak: list[str],
    progress: Progress, lives: Callable[[], bool], told: Callable[[VoiceState], None],
) -> str:  # fmt: skip
    """What could not be spoken, in a sentence; empty when all was."""
    better, cache, refused = better_voices(config.voice), prompt_cache(sounds), ""
    placed = time.monotonic()
    for done, each in enumerate(left):
        if not lives():
            break
        progress(f"{each.language}/{each.name}", done, len(left))
        try:
            speak(worker, each, better, cache)
        except CantBeSpoken as error:
            refused = str(error)
        if time.monotonic() - placed > PLACED_EVERY_S:
            put_in_place(config, espeak, sounds)
            told(VoiceState("making", len(left) - done - 1))
            placed = time.monotonic()
    return refused


def _told(state: VoiceState, told: Callable[[VoiceState], None]) -> VoiceState:
    told(state)
    return state


@contextmanager
def alone() -> Iterator[None]:
    """One maker at a time on this machine: the second finds in the cache what the first has made."""
    with ExitStack() as held:
        with suppress(
            OSError
        ):  # where the cache can't be written, as in a container, nothing is fetched into it either
            lock = held.enter_context((cache_folder() / "voice-maker.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(state: str) -> None:
    """As the process: ends when its parent has ended."""
    parent = os.getppid()
    os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")
    try:
        run_maker(Installation.existing(Path(state)), lambda: os.getppid() == parent)
    except (SanxiangError, VoiceError, TextsError) as error:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} the better voice was not made: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
