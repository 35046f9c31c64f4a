"""Precision and recall of each detector on talks that are put together, and the speed of the analysis: `./sanxiang bench analysis [--write]`.

The talks are those of tests/support/labelled_talks.py: what is in them is known to the sample. A finding is right when it overlaps a label of its
kind and side by half of the shorter one. The peer of the speed is ffmpeg decoding the same files to nothing, where there is one on PATH.
"""

import resource
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from acd.config.analysis import AnalysisTable
from recordings.analysis import of_sound
from recordings.analysis.activity import FRAME_S, mask_of
from recordings.analysis.findings import Finding
from recordings.analysis.measured import Measured, measure
from tests.support.labelled_talks import CODECS, NOISES, Label, Talk, as_wav, talk

KINDS = ("greeting-late", "dead-air", "interruption", "raised-voice")
SEEDS = range(100, 112)
"""Others than those with which the defaults were chosen."""
ECHO_DB = 28.0
PAGE = Path(__file__).parents[2] / "docs" / "analysis.md"
BEGIN, END = "<!-- bench analysis: begin -->", "<!-- bench analysis: end -->"
SPEED_TALKS = 6


class Tally:
    """What was found, missed, and found though it is not there."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.frames = np.zeros(4)
        """Speech heard, speech, sound taken for speech, no speech."""
        self.share_errors: list[float] = []

    def take(self, one: Talk, facts: Measured) -> None:
        """One talk and what was made of it."""
        found = of_sound.all_of(facts, [], AnalysisTable())
        left = list(one.labels)
        for each in found:
            if each.kind not in KINDS:
                continue
            label = next((label for label in left if _same(each, label)), None)
            if label is None:
                self.wrong[each.kind] += 1
            else:
                self.right[each.kind] += 1
                left.remove(label)
        self.missed.update(label.kind for label in left)
        count = int(one.seconds / FRAME_S)
        spoken = {}
        for side in ("caller", "agent"):
            truth, heard = (mask_of(spans, count) for spans in (one.speech[side], getattr(facts, side).speech))
            self.frames += [(truth & heard).sum(), truth.sum(), (heard & ~truth).sum(), (~truth).sum()]
            spoken[side] = float(truth.sum())
        share = of_sound.agents_share(facts)
        self.share_errors.append(abs((share or 0.0) - spoken["agent"] / (spoken["agent"] + spoken["caller"])))

    def row(self) -> dict[str, Any]:
        """Figures, rounded."""
        by_kind = {}
        for kind in KINDS:
            right, wrong, missed = self.right[kind], self.wrong[kind], self.missed[kind]
            by_kind[kind] = {
                "there": right + missed,
                "precision": round(right / (right + wrong), 3) if right + wrong else None,
                "recall": round(right / (right + missed), 3) if right + missed else None,
            }
        heard, speech, taken, quiet = self.frames
        return {
            "detectors": by_kind,
            "speech": {"recall": round(heard / speech, 3), "false": round(taken / quiet, 4)},
            "share_error": round(float(np.mean(self.share_errors)), 3),
        }


def run(write: bool = False) -> dict[str, Any]:
    """The figures; `write`: into docs/analysis.md, too."""
    tallies: dict[str, Tally] = {}
    conditions = [(codec, noise, None) for codec in CODECS for noise in NOISES] + [("A-law", "25 dB", ECHO_DB)]
    for codec, noise, echo in conditions:
        tally = Tally()
        for seed in SEEDS:
            one = talk(seed, codec, NOISES[noise], echo)
            tally.take(one, measure(as_wav(one)))
        tallies[f"{codec}, noise {noise}" + (f", echo {echo:g} dB" if echo else "")] = tally
    result = {"sound": {name: tally.row() for name, tally in tallies.items()}, "speed": speed()}
    if write:
        text = PAGE.read_text("utf-8")
        before, rest = text.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{rest.split(END)[1]}", "utf-8")
    return result


def speed() -> dict[str, Any]:
    """Seconds of talk per second of processor, on one core; of ffmpeg's decoder the same, None where there is none."""
    found: dict[str, Any] = {}
    talks = [talk(seed, "A-law", 25.0) for seed in range(SPEED_TALKS)]
    seconds = sum(one.seconds for one in talks)
    with tempfile.TemporaryDirectory(prefix="sanxiang-analysis-") as folder:
        for form, subtype, ending in (("WAV", "PCM_16", "wav"), ("FLAC", "PCM_16", "flac"), ("OGG", "OPUS", "ogg")):
            files = []
            for number, one in enumerate(talks):
                file = Path(folder) / f"{number}.{ending}"
                file.write_bytes(as_wav(one, form, subtype).getvalue())
                files.append(file)
            began = time.process_time()
            for file in files:
                with file.open("rb") as opened:
                    of_sound.all_of(measure(opened), [], AnalysisTable())
            own = seconds / (time.process_time() - began)
            peer = _ffmpeg(files, seconds)
            found[form] = {
                "times_real_time": round(own),
                "ffmpeg_decodes": None if peer is None else round(peer),
                "ratio": None if peer is None else round(own / peer, 2),
            }
    return found


def _ffmpeg(files: list[Path], seconds: float) -> float | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for file in files:
        asked = [program, "-v", "error", "-threads", "1", "-i", str(file), "-f", "null", "-"]
        subprocess.run(asked, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def table(result: dict[str, Any]) -> str:
    """For the page."""
    lines = [
        f"{len(SEEDS)} talks of each row. Precision / recall of each detector, and in brackets how many there were:",
        "",
        f"| sound | {' | '.join(KINDS)} | frames of speech heard | of no speech, taken for it | share of speech, mean error |",
        f"|---|{'---|' * (len(KINDS) + 3)}",
    ]
    for name, row in result["sound"].items():
        cells = []
        for kind in KINDS:
            one = row["detectors"][kind]
            precision, recall = ("–" if one[each] is None else f"{one[each]:.2f}" for each in ("precision", "recall"))
            cells.append(f"{precision} / {recall} ({one['there']})")
        speech = row["speech"]
        cells += [f"{speech['recall']:.1%}", f"{speech['false']:.2%}", f"{row['share_error']:.1%}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| file | analysed, times real time per core | ffmpeg decodes it, times real time | ratio |"]
    lines += ["|---|---|---|---|"]
    for form, one in result["speed"].items():
        peer = "not measured" if one["ffmpeg_decodes"] is None else f"{one['ffmpeg_decodes']:,}"
        ratio = "–" if one["ratio"] is None else f"{one['ratio']:g}"
        lines.append(f"| {form} | {one['times_real_time']:,} | {peer} | {ratio} |")
    return "\n".join(lines)


def _same(found: Finding, label: Label) -> bool:
    if (found.kind, found.side) != (label.kind, label.side) or found.from_s is None or found.to_s is None:
        return False
    both = min(found.to_s, label.to_s) - max(found.from_s, label.from_s)
    return both >= 0.5 * min(found.to_s - found.from_s, label.to_s - label.from_s)
