"""The fixed prompts as they come with Sanxiang: spoken by the better voices, at 8 kHz in Ogg Opus, 2 kB a second.

With them the first start speaks well at once, also on a machine that can't fetch the voices. A file counts only where its text and voice
are still those of now: `index.json` has the name under which each lies in the cache. `sanxiang prompt ship` (for developers) makes them anew.
"""

import io
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from acd.voices.making import Wanted
from ivr.prompts import RATE, TEXTS
from ivr.voice import read_wav, write_wav

FOLDER = TEXTS / "spoken"
SMALLNESS = 0.955
"""libsndfile's setting that gives some 16 kbit/s."""


def unpack(wanted: Iterable[Wanted], better: Mapping[str, str], cache: Path, folder: Path = FOLDER) -> int:
    """Puts into the cache what is shipped of these texts and not there yet; how many files that were. A file that can't be read is left
    out: its text is spoken as if it were not shipped."""
    index = _index(folder)
    found = [(each, goal) for each in wanted if (goal := each.file(better, cache)) and not goal.exists()]
    found = [(each, goal) for each, goal in found if index.get(f"{each.language}/{each.name}") == goal.stem]
    if not found:
        return 0
    import soundfile  # here: a daemon's start, which finds all in the cache, does without both

    from acd.voices.sound import as_words

    put = 0
    for each, goal in found:
        try:
            samples, rate = soundfile.read(folder / each.language / f"{each.name}.ogg", dtype="float64")
        except (OSError, RuntimeError):
            continue
        if rate == RATE and len(samples):
            write_wav(as_words(samples), goal)
            put += 1
    return put


def unshipped(wanted: Iterable[Wanted], better: Mapping[str, str], folder: Path = FOLDER) -> list[Wanted]:
    """Those texts that are not shipped as they are now."""
    index = _index(folder)
    nowhere = Path()
    return [
        each
        for each in wanted
        if (goal := each.file(better, nowhere)) and index.get(f"{each.language}/{each.name}") != goal.stem
    ]


def pack(wanted: Iterable[Wanted], better: Mapping[str, str], cache: Path, folder: Path = FOLDER) -> tuple[int, int]:
    """Makes the folder anew of what the cache has of these texts: how many files, and how many bytes. Those that are right are kept."""
    was, index, size = _index(folder), dict[str, str](), 0
    for each in wanted:
        made = each.file(better, cache)
        if made is None or not made.exists():
            continue
        name, file = f"{each.language}/{each.name}", folder / each.language / f"{each.name}.ogg"
        if was.get(name) != made.stem or not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_small(made))
        index[name] = made.stem
        size += file.stat().st_size
    for file in folder.glob("*/*.ogg"):
        if f"{file.parent.name}/{file.stem}" not in index:
            file.unlink()
    for empty in [path for path in folder.glob("*") if path.is_dir() and not any(path.iterdir())]:
        shutil.rmtree(empty)
    lines = json.dumps(dict(sorted(index.items())), ensure_ascii=False, indent=0)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(lines + "\n", encoding="utf-8")
    return len(index), size


def _small(file: Path) -> bytes:
    import numpy as np
    import soundfile

    from acd.voices.sound import FULL

    rate, words = read_wav(file)
    samples: Any = np.frombuffer(words.tobytes(), dtype="<i2") / FULL
    packed = io.BytesIO()
    soundfile.write(packed, samples, rate, format="OGG", subtype="OPUS", compression_level=SMALLNESS)
    return packed.getvalue()


def _index(folder: Path) -> dict[str, str]:
    try:
        read = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def main() -> None:
    """Has the better voices speak what is not shipped as it is now, and packs it: for developers, after texts were changed."""
    from acd.cache import cache_folder
    from acd.config.voice import VoiceTable
    from acd.voices.catalogue import better_voices
    from acd.voices.dialogue import Worker
    from acd.voices.environment import ensure_voice
    from acd.voices.making import is_common, missing, prompts, sentences, speak

    better, cache = better_voices(VoiceTable()), cache_folder() / "prompts"
    every = [*prompts(), *(each for each in sentences() if is_common(each))]
    unpack(every, better, cache)
    if left := missing(every, better, cache):
        with Worker.speaker(ensure_voice()) as worker:
            for each in left:
                speak(worker, each, better, cache)
                print(f"{each.language}/{each.name}: {each.text}")
    files, size = pack(every, better, cache)
    print(f"{files} files, {size / 1e6:.1f} MB in {FOLDER}")


if __name__ == "__main__":
    main()
