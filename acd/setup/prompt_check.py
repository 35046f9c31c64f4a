"""`sanxiang prompt check`: the sounds measured, read back by the recogniser, and the table of docs/voices.md."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from acd.progress import Progress
from acd.setup.prompt_list import Prompt
from acd.voices.dialogue import CantBeSpoken, Worker
from acd.voices.environment import ensure_recogniser
from acd.voices.findings import music_faults, prompt_faults
from acd.voices.making import Wanted
from acd.voices.reading_back import MOST_CER, is_sentence, read_back
from acd.voices.sound import NotASound, measured, read
from ivr.prompts import judge

BEGIN, END = "<!-- read back: begin -->", "<!-- read back: end -->"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One prompt as the recogniser has heard it."""

    prompt: Prompt
    text: str
    cer: float
    syllables: float
    """Error rate of syllables without tones; of words in English."""
    seconds: float
    size: int

    @property
    def place(self) -> str:
        return f"{self.prompt.language}/{self.prompt.name}"

    @property
    def judged(self) -> bool:
        """Whether it is a sentence, for which the bound holds."""
        return is_sentence(Wanted(self.prompt.language, self.prompt.name, self.prompt.text))

    @property
    def sentence(self) -> str:
        """What is wrong; empty where it is well."""
        if not self.judged or min(self.cer, self.syllables) <= MOST_CER:
            return ""
        return f"A recogniser understands {self.text!r}: {min(self.cer, self.syllables):.0%} of it is wrong. Record it, or word it otherwise."

    def as_row(self) -> dict[str, Any]:
        row = {
            "prompt": self.place,
            "heard": self.text,
            "cer": round(self.cer, 3),
            "by_sound": round(self.syllables, 3),
        }
        return row | {"seconds": round(self.seconds, 1), "bytes": self.size, "spoken_by": self.prompt.source}


def file_faults(found: Iterable[Prompt], sounds: Path) -> Iterator[str]:
    """A sentence for each thing that is wrong with a file; the music's with them."""
    for each in found:
        if each.source == "parts":
            continue
        if not each.file.exists():
            yield f"{each.file} is missing. `sanxiang prompt make` makes it, and so does a start."
            continue
        if fault := judge(each.file)[0]:
            yield fault
            continue
        given = read(each.file)
        yield from (
            f"{each.language}/{each.name}: {fault}" for fault in prompt_faults(measured(given.samples, given.rate))
        )
    music = sounds / "music" / "hold.wav"
    try:
        given = read(music)
    except NotASound as error:
        yield str(error)
    else:
        yield from (f"music/hold: {fault}" for fault in music_faults(measured(given.samples, given.rate)))


def to_read_back(found: Iterable[Prompt]) -> list[Prompt]:
    """Those with a text and a file; of whole sentences with numbers one of each kind, since they differ in the number alone."""
    families: dict[tuple[str, str], Prompt] = {}
    for each in found:
        if each.text and each.file.exists():
            family = re.sub(r"\d+", "#", each.name) if each.kind == "sentence" else each.name
            families.setdefault((each.language, family), each)
    return list(families.values())


def read_all_back(found: Iterable[Prompt], progress: Progress) -> list[ReadBack]:
    """What the recogniser hears of each that `to_read_back` chooses. Raises ExtraNotToBeHad, WrongBytes, WorkerFailed."""
    there = to_read_back(found)
    heard = []
    with Worker.recogniser(ensure_recogniser(progress)) as worker:
        for done, each in enumerate(there):
            progress(f"{each.language}/{each.name}", done, len(there))
            try:
                back = read_back(worker, Wanted(each.language, each.name, each.text), each.file)
            except CantBeSpoken:
                continue  # told by file_faults
            given = read(each.file)
            seconds = len(given.samples) / given.rate
            heard.append(ReadBack(each, back.text, back.cer, back.syllables, seconds, each.file.stat().st_size))
    return heard


def voices_page(page: str, heard: list[ReadBack]) -> str:
    """The page with the table of what was heard between its two markers. Raises ValueError where a marker is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the markers {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table(heard)}\n{END}{after}"


def table(heard: list[ReadBack]) -> str:
    """A summary for each language, then a row for each prompt."""
    lines = [
        "| | prompts | CER of sentences, mean / worst | by sound | over the bound | CER of short words | seconds | kB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for language in ("zh", "en"):
        rows = [each for each in heard if each.prompt.language == language]
        long, short = [each for each in rows if each.judged], [each for each in rows if not each.judged]
        if not rows:
            continue
        lines.append(
            f"| {language} | {len(rows)} | {_mean(each.cer for each in long)} / {max((each.cer for each in long), default=0):.2f} | "
            f"{_mean(each.syllables for each in long)} | {sum(bool(each.sentence) for each in long)} of {len(long)} | "
            f"{_mean(each.cer for each in short)} | {sum(each.seconds for each in rows):.0f} | {sum(each.size for each in rows) / 1000:.0f} |"
        )
    lines += ["", "| prompt | spoken by | CER | by sound | s | heard |", "|---|---|---|---|---|---|"]
    lines += [
        f"| `{each.place}` | {each.prompt.source} | {each.cer:.2f} | {each.syllables:.2f} | {each.seconds:.1f} | {_heard(each)} |"
        for each in heard
    ]
    return "\n".join(lines)


def _heard(each: ReadBack) -> str:
    """Of Mandarin sentences, what the recogniser has written where it errs."""
    return each.text if each.judged and each.cer and each.prompt.language == "zh" else ""


def _mean(values: Iterable[float]) -> str:
    found = list(values)
    return f"{mean(found):.2f}" if found else "-"
