"""The signals of a call of the hotline to itself are measured rightly, whatever a line has done to them."""

from pathlib import Path

import numpy as np
import pytest

from recordings.self_call_sound import (
    RATE,
    SENT_DBOV,
    SIGNALS,
    Samples,
    chirp_at,
    heard,
    measured,
    samples_of,
    write_signals,
)

OUT, IN = SIGNALS["out"], SIGNALS["in"]


def line(sound: Samples, *, delay_s: float = 0.0, gain_db: float = 0.0, total_s: float = 6.0) -> Samples:
    """The sound as it comes out of a line, in a recording of this length."""
    whole = np.zeros(int(total_s * RATE))
    at = int(delay_s * RATE)
    whole[at : at + len(sound)] = sound[: len(whole) - at] * 10 ** (gain_db / 20)
    return whole


def ulaw(sound: Samples) -> Samples:
    """As G.711 (mu-law) gives it back: 8 bits on a logarithmic scale."""
    x = np.clip(sound / 32768, -1, 1)
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log1p(255)
    y = np.round(y * 127) / 127
    return np.asarray(np.sign(y) * (256 ** np.abs(y) - 1) / 255 * 32768)


@pytest.mark.parametrize("gain_db", [0.0, -3.0, -20.0, -35.0])
def test_the_level_is_that_of_the_tone_as_it_was_heard(gain_db: float):
    found = heard(ulaw(line(OUT.samples, delay_s=0.7133, gain_db=gain_db)), OUT)
    assert found.heard and found.level_dbov == pytest.approx(SENT_DBOV + gain_db, abs=0.7)
    assert found.lost_db == pytest.approx(-gain_db, abs=0.7) and found.loss_percent == 0


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.3337, 1.9])
def test_a_chirp_is_found_where_it_begins(delay_s: float):
    noise = np.random.default_rng(7).normal(0, 60, int(6.0 * RATE))
    at = chirp_at(ulaw(line(OUT.samples, delay_s=delay_s) + noise), OUT)
    assert at == pytest.approx(delay_s + 0.2, abs=0.002)


def test_silence_noise_keys_and_the_own_signal_are_not_the_others_signal():
    noise = np.random.default_rng(7).normal(0, 2000, int(6.0 * RATE))
    t = np.arange(int(3 * RATE)) / RATE
    for low, high in ((697, 1209), (770, 1336), (852, 1477), (941, 1336), (941, 1209)):
        keys = 8000 * (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t))
        assert not heard(keys, OUT).heard and not heard(keys, IN).heard, (low, high)
    for sound in (np.zeros(0), np.zeros(100), np.zeros(int(6 * RATE)), noise, line(IN.samples)):
        assert not heard(sound, OUT).heard
        assert chirp_at(sound, OUT) is None


@pytest.mark.parametrize("lost", [0, 1, 5, 10, 30])
def test_lost_packets_are_counted(lost: int):
    """Each of the lost frames is silent, as a receiver without concealment leaves it, or cut out of the recording."""
    sound = line(OUT.samples, delay_s=0.5)
    begin = int((0.5 + 0.2 + 0.25 + 0.15) * RATE)
    places = np.random.default_rng(lost).choice(np.arange(2, 97), lost, replace=False)
    silent = sound.copy()
    for place in places:
        silent[begin + place * 160 : begin + (place + 1) * 160] = 0
    kept = np.ones(len(sound), dtype=bool)
    for place in places:
        kept[begin + place * 160 : begin + (place + 1) * 160] = False
    for broken in (silent, sound[kept]):
        assert heard(broken, OUT).loss_percent == pytest.approx(lost, abs=2)


@pytest.mark.parametrize(("there_s", "back_s"), [(0.0, 0.0), (0.04, 0.06), (0.3, 0.2), (0.0, 0.5)])
def test_the_round_trip_needs_no_common_clock(there_s: float, back_s: float):
    """Recorders begin at different moments and ends play at different moments: neither matters."""
    for out_began, in_began, in_plays in ((0.0, 0.0, 1.0), (0.4, 0.1, 0.9), (0.0, 0.7, 2.0)):
        out_plays = 1.0
        sound = measured(
            line(OUT.samples, delay_s=out_plays - out_began, total_s=8),
            ulaw(line(IN.samples, delay_s=in_plays + back_s - out_began, total_s=8)),
            line(IN.samples, delay_s=in_plays - in_began, total_s=8),
            ulaw(line(OUT.samples, delay_s=out_plays + there_s - in_began, total_s=8)),
        )
        assert sound.round_trip_ms == pytest.approx(1000 * (there_s + back_s), abs=2)


def test_a_spoilt_first_chirp_is_found_by_the_second():
    sound = line(OUT.samples, delay_s=0.5)
    sound[int(0.7 * RATE) : int(0.95 * RATE)] = 0
    assert chirp_at(sound, OUT) == pytest.approx(0.7, abs=0.002)


def test_one_way_sound_has_no_round_trip():
    silence = np.zeros(int(6 * RATE))
    sound = measured(line(OUT.samples), silence, line(IN.samples), line(OUT.samples))
    assert sound.out.heard and not sound.back.heard and sound.round_trip_ms is None
    rated = sound.rated()
    assert rated.out.mos is not None and rated.out.mos > 4.2 and rated.back.mos is None


def test_the_files_hold_the_signals(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("a file of the daemon's", encoding="utf-8")
    (tmp_path / "signal-out.wav").symlink_to(elsewhere)
    write_signals(tmp_path)
    assert elsewhere.read_text(encoding="utf-8") == "a file of the daemon's"
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("*.wav")} == {0o640}
    for end, signal in SIGNALS.items():
        sound = samples_of(tmp_path / f"signal-{end}.wav")
        assert heard(sound, signal).lost_db == pytest.approx(0, abs=0.2)
        assert np.abs(sound).max() < 32767
    assert len(samples_of(tmp_path / "none.wav")) == 0
