"""One leg: the two sides that Asterisk wrote become one stereo file, and a verdict.

Nothing is thrown away before its successor lies safely on the disk, and nothing that is filed is ever written over.
"""

import errno
import hashlib
import io
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from acd.config.quality import RecordingChecks
from acd.engine.events import RecordingFiled
from acd.files import sync_folder
from acd.store.journal.legs import LegDue
from recordings import checks, names, wav
from recordings.disk import FULL

with warnings.catch_warnings():
    # pydub looks for ffmpeg when it is imported and complains; only WAV is written here, which needs none.
    warnings.simplefilter("ignore", RuntimeWarning)
    from pydub import AudioSegment

MOMENT_S = 0.1
"""A bridge shorter than this, as when the caller hangs up at the answer, has no sound, and none is missed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a leg's sound."""

    due: LegDue
    path: str
    """Relative to the root; empty when there is no file."""
    seconds: float
    sha256: str
    silent: str
    reasons: tuple[str, ...]
    """Why it is not complete; empty when it is."""
    filed_at: datetime
    keep: bool = False
    """The sides stay in `live`: there was no room for the recording, and there may be later."""
    levels: Mapping[str, checks.Level] = field(default_factory=dict)
    """Speaker to how loud they are; empty when there is no sound."""
    level_faults: tuple[str, ...] = ()
    """Which of these levels is wrong, in words."""

    @property
    def complete(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.reasons

    def event(self) -> RecordingFiled:
        """The same as the event that the engine is told."""
        return RecordingFiled(
            call=self.due.call,
            offer=self.due.offer,
            path=self.path,
            seconds=round(self.seconds, 3),
            sha256=self.sha256,
            complete=self.complete,
            reason="; ".join(self.reasons),
            silent=self.silent,
        )


@dataclass(frozen=True, slots=True)
class Sound:
    """Both sides of a leg as they were found, of equal length."""

    left: bytes
    right: bytes
    reasons: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return len(self.left) / wav.SAMPLE / wav.RATE


def gather(files: names.LiveFiles) -> Sound | None:
    """The leg's sound from what Asterisk left; None when there is not one sample of it."""
    caller, agent = wav.read(files.caller), wav.read(files.agent)
    if files.message:
        if caller is None or not caller.sound:
            return None
        fault = (f"the message: {caller.fault}",) if caller.fault else ()
        return Sound(caller.sound, bytes(len(caller.sound)), fault)
    reasons: list[str] = []
    if (caller is None or not caller.sound) and (agent is None or not agent.sound):
        mixed = wav.read(files.mixed)
        if mixed is None or not mixed.sound:
            return None
        reasons.append("both sides are missing: the mixed sound is on both channels")
        if mixed.fault:
            reasons.append(mixed.fault)
        return Sound(mixed.sound, mixed.sound, tuple(reasons))
    for name, side in zip(files.speakers, (caller, agent), strict=True):
        if side is None:
            reasons.append(f"the {name}'s side is missing")
        elif not side.sound:
            reasons.append(f"the {name}'s side holds no sound")
        elif side.fault:
            reasons.append(f"{name}'s side: {side.fault}")
    left, right = (side.sound if side else b"" for side in (caller, agent))
    apart = abs(len(left) - len(right)) / wav.SAMPLE / wav.RATE
    if left and right and apart > checks.LENGTH_TOLERANCE_S:
        shorter = files.speakers[0 if len(left) < len(right) else 1]
        reasons.append(f"the {shorter}'s side is {apart:.1f} s shorter")
    longest = max(len(left), len(right))
    return Sound(left.ljust(longest, b"\0"), right.ljust(longest, b"\0"), tuple(reasons))


def length_fault(due: LegDue, seconds: float) -> str:
    """Why so much sound is not what this leg should have, in words; empty when it is."""
    if not due.measured or (due.talk_s is None and names.is_message(due.offer)):
        return ""
    held = due.expected_s is not None and due.talk_s is not None and due.expected_s - due.talk_s > MOMENT_S
    return checks.length_fault(seconds, due.expected_s, "talk and hold" if held else "talk")


def file_leg(
    root: Path, due: LegDue, now: datetime, disk_was_full: bool = False, limits: RecordingChecks = checks.LIMITS
) -> Judged:
    """Files the leg and judges it by these limits. OSError of another kind than "no room" comes out.

    `due.ended_at` decides the day's folder. The same leg filed twice (a crash came between) gives the same file.
    """
    files = names.live_files(root, due.offer)
    sound = gather(files)
    if sound is None:
        if not disk_was_full and due.expected_s is not None and due.expected_s < MOMENT_S:
            files.remove()
            return Judged(due, "", 0.0, "", "", (), now)
        shapes = [each for each in map(wav.shape, files.all()) if each is not None]
        reason = "disk full" if disk_was_full else "the files hold no sound" if shapes else "there is no file"
        files.remove()
        return Judged(due, "", 0.0, "", "", (reason,), now)
    # Of a message nobody is to be heard on the other side.
    speakers = files.speakers[:1] if files.message else files.speakers
    judged = [checks.unmasked(side, due.spans) for side in (sound.left, sound.right)]
    levels = {name: checks.level_of(side) for name, side in zip(speakers, judged, strict=False)}
    judged_s = len(judged[0]) / wav.SAMPLE / wav.RATE
    silent = checks.silent_sides(levels, judged_s, limits)
    level_faults = checks.level_faults(levels, judged_s, limits)
    reasons = list(sound.reasons)
    length = length_fault(due, sound.seconds)
    if length:
        if disk_was_full and due.expected_s is not None and sound.seconds < due.expected_s:
            reasons.append("disk full")
        reasons.append(length)
    aside = names.live_folder(root) / f"{due.offer}.filing"
    try:
        try:
            digest = _write(aside, sound)
        except OSError as reason:
            if reason.errno not in FULL:
                raise
            # The mixed file tells nothing that the two sides do not: its room may be just what is missing.
            files.mixed.unlink(missing_ok=True)
            digest = _write(aside, sound)
        path = _settle(root, aside, due, digest)
    except OSError as reason:
        aside.unlink(missing_ok=True)
        if reason.errno not in FULL:
            raise
        return Judged(due, "", sound.seconds, "", silent, ("disk full", *reasons), now, keep=True, levels=levels)
    aside.unlink(missing_ok=True)
    if path != names.filed(due.ended_at, due.offer):
        reasons.append("another file of this name was there already")
    files.remove()
    sync_folder(names.live_folder(root))
    return Judged(
        due, path, sound.seconds, digest, silent, tuple(reasons), now, levels=levels, level_faults=level_faults
    )


def sha256_of(file: Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write(aside: Path, sound: Sound) -> str:
    """The stereo file, safely on the disk; what comes out is its SHA-256, of the bytes as the disk gives them back."""
    sides = [
        AudioSegment(data=each, sample_width=wav.SAMPLE, frame_rate=wav.RATE, channels=1)
        for each in (sound.left, sound.right)
    ]
    both = AudioSegment.from_mono_audiosegments(*sides)
    made = io.BytesIO()
    both.export(made, format="wav")
    aside.unlink(missing_ok=True)
    file = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    try:
        with os.fdopen(file, "w+b", buffering=0) as opened:
            rest = memoryview(made.getbuffer())
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
            opened.seek(0)
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def _settle(root: Path, aside: Path, due: LegDue, digest: str) -> str:
    """Gives the file its name; a name that is taken by another sound is left alone."""
    wanted = names.filed(due.ended_at, due.offer)
    folder = (root / wanted).parent
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    for number in range(1, 10):
        path = wanted if number == 1 else wanted.removesuffix(".wav") + f"~{number}.wav"
        try:
            os.link(aside, root / path)
        except FileExistsError:
            if sha256_of(root / path) == digest:
                return path
            continue
        for each in (folder, folder.parent, folder.parent.parent, root):
            sync_folder(each)
        return path
    raise OSError(errno.EEXIST, f"nine files named {due.offer} are there already")
