"""What QA opens is what was filed, or it is not opened."""

import io
import random
import wave
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acd.store.journal.legs import LegDue
from acd.store.queries.recordings import Recording
from recordings import audio, catalogue, leg, names
from recordings.catalogue import NotAsFiled
from tests.support.recording_files import RATE, speech, talk, tone_samples, write

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def filed(tmp_path: Path) -> tuple[Path, Recording]:
    talk(tmp_path, "c1-1", speech(3, 1), tone_samples(3))
    judged = leg.file_leg(tmp_path, LegDue("c1", "c1-1", 3.0, ENDED, "1001"), ENDED)
    row = Recording(
        offer="c1-1", call="c1", agent="1001", queue="billing", offered_at=ENDED, state="complete", path=judged.path,
        seconds=3.0, talk_s=3.0, talk_ended_at=ENDED, sha256=judged.sha256, reason="", silent="", filed_at=ENDED,
        kind="talk", caller="138", connected_at=ENDED,
    )  # fmt: skip
    return tmp_path, row


def test_every_byte_counts(filed: tuple[Path, Recording]) -> None:
    root, row = filed
    catalogue.verify(root, row)
    file = root / row.path
    whole = file.read_bytes()
    chance = random.Random(10)
    for _ in range(10):
        at = chance.randrange(len(whole))
        file.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :])
        with pytest.raises(NotAsFiled, match="Integrity check failed for c1-1: the sound is not what was filed"):
            catalogue.verify(root, row)
    for other in (whole[:-1], whole + b"\0", b""):
        file.write_bytes(other)
        with pytest.raises(NotAsFiled):
            catalogue.verify(root, row)
    file.write_bytes(whole)
    with catalogue.open_verified(root, row) as opened:
        assert opened.read() == whole


def test_gone_swapped_or_led_outside(filed: tuple[Path, Recording], tmp_path: Path) -> None:
    root, row = filed
    file = root / row.path
    whole = file.read_bytes()
    secret = tmp_path / "secret.wav"
    secret.write_bytes(whole)
    file.unlink()
    with pytest.raises(NotAsFiled, match="the file is gone"):
        catalogue.verify(root, row)
    file.symlink_to(secret)  # the right bytes, but from elsewhere
    with pytest.raises(NotAsFiled, match="does not lie in the recordings folder"):
        catalogue.verify(root, row)
    file.unlink()
    file.write_bytes(whole)
    day = file.parent
    day.rename(tmp_path / "elsewhere")
    day.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotAsFiled, match="does not lie in the recordings folder"):
        catalogue.verify(root, row)
    for path in (
        "../secret.wav",
        "/etc/passwd",
        "2026/11/22/../../../secret.wav",
        "2026/11/22/c1-1.wav\0",
        "live/c1-1.wav",
    ):
        with pytest.raises((NotAsFiled, names.OutsideRecordings)):
            catalogue.verify(root, replace(row, path=path))
    with pytest.raises(NotAsFiled, match="another offer's file"):
        catalogue.verify(root, replace(row, path="2026/11/22/c2-1.wav"))
    with pytest.raises(NotAsFiled, match="disk full"):
        catalogue.verify(root, replace(row, path="", reason="disk full"))
    with pytest.raises(names.NotAnId):
        catalogue.verify(root, replace(row, offer="../../x-1"))


def test_the_player_sees_both_channels(tmp_path: Path) -> None:
    talk(tmp_path, "c1-1", tone_samples(2, level=0.5), bytes(RATE * 2) + tone_samples(1, level=0.25))
    judged = leg.file_leg(tmp_path, LegDue("c1", "c1-1", 2.0, ENDED), ENDED)
    caller, agent = audio.peaks(tmp_path / judged.path, 100)
    assert len(caller) == len(agent) == 100
    assert all(0.45 < each <= 0.5 for each in caller)
    assert all(each == 0 for each in agent[:50]) and all(0.2 < each <= 0.25 for each in agent[50:])
    assert audio.seconds(tmp_path / judged.path) == 2.0
    write(tmp_path / "empty.wav", b"")
    assert audio.peaks(tmp_path / "empty.wav") == [[]]


def test_a_stretch_is_cut_out(tmp_path: Path) -> None:
    talk(tmp_path, "c1-1", tone_samples(2), tone_samples(2, 880))
    judged = leg.file_leg(tmp_path, LegDue("c1", "c1-1", 2.0, ENDED), ENDED)
    file = tmp_path / judged.path
    with wave.open(io.BytesIO(audio.cut(file, 0.5, 99.0))) as made:
        assert (made.getnchannels(), made.getnframes()) == (2, int(1.5 * RATE))
    for begin, end in ((2.0, 3.0), (1.0, 1.0), (1.5, 0.5)):
        with pytest.raises(ValueError, match="no stretch of"):
            audio.cut(file, begin, end)
