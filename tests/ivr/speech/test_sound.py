"""Where speech begins and ends, and whom AudioSocket's port believes. No Asterisk: what it sends is sent here."""

import os
import socket
import struct
import threading
import uuid

import numpy as np
import pytest

from ivr.speech.sound import KEY, SOUND, Endpoint, Listening
from ivr.step import Outcome

SILENCE = bytes(320)


def tone(seconds: float, level: float = 3000, seed: int = 1) -> bytes:
    """Something as loud as speech."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * 8000)) * level
    return bytes(np.clip(noise, -32768, 32767).astype("<i2").tobytes())


def fed(sound: bytes, first_s: float = 3, most_s: float = 5) -> Endpoint:
    endpoint = Endpoint(first_s, most_s)
    for at in range(0, len(sound) - 319, 320):
        endpoint.feed(sound[at : at + 320])
    return endpoint


def test_speech_is_kept_from_a_little_before_it_until_the_pause_behind_it():
    endpoint = fed(bytes(16000) + tone(1.2) + bytes(32000))
    assert endpoint.over == "speech"
    assert 1.2 + 0.2 <= len(endpoint.sound) / 16000 <= 1.2 + 0.3 + 0.9


def test_a_pause_between_two_words_is_no_end():
    endpoint = fed(tone(0.5) + bytes(8000) + tone(0.5, seed=2) + bytes(32000))
    assert endpoint.over == "speech"
    assert len(endpoint.sound) / 16000 > 1.4


@pytest.mark.parametrize(
    "sound", [bytes(16000 * 4), (tone(0.04) + bytes(16000)) * 4, tone(4, level=60)], ids=["silence", "clicks", "a hiss"]
)
def test_what_is_no_speech_ends_with_the_silence(sound: bytes):
    endpoint = fed(sound)
    assert endpoint.over == "silence"
    assert not endpoint.sound


def test_whoever_does_not_stop_is_cut_off():
    endpoint = fed(tone(60))
    assert endpoint.over == "speech"
    assert len(endpoint.sound) <= 5 * 16000


def test_a_steady_noise_does_not_hide_where_speech_ends():
    hum = tone(9, level=500)
    speech = np.frombuffer(hum[: 16000 * 3] + tone(1, level=6000) + hum[16000 * 4 :], "<i2")
    endpoint = fed(speech.tobytes(), first_s=5)
    assert endpoint.over == "speech"
    assert len(endpoint.sound) < 5 * 16000


def heard(messages: bytes, believed: bool = True) -> tuple[Outcome, Listening]:
    """What comes of these bytes behind the connection's id."""
    reads, writes = os.pipe()
    with Listening(1.0, 2.0) as listening:

        def asterisk() -> None:
            name = uuid.UUID(listening.id) if believed else uuid.uuid4()
            with socket.create_connection(("127.0.0.1", listening.port), 5) as line:
                line.sendall(struct.pack("!BH", 0x01, 16) + name.bytes + messages)
                line.settimeout(5)
                try:
                    while line.recv(100):
                        pass
                except OSError:
                    pass

        thread = threading.Thread(target=asterisk)
        thread.start()
        outcome = listening.run(reads)
        listening.finish()
    thread.join(10)
    os.close(reads)
    os.close(writes)
    return outcome, listening


def sound(data: bytes, size: int = 320) -> bytes:
    """As messages."""
    return b"".join(
        struct.pack("!BH", SOUND, len(data[at : at + size])) + data[at : at + size] for at in range(0, len(data), size)
    )


def test_sound_in_pieces_of_any_size_is_one_sound():
    for size in (320, 160, 1000, 7):
        outcome, listening = heard(sound(tone(0.6) + bytes(16000), size))
        assert outcome == "speech"
        assert len(listening.endpoint.sound) > 0.6 * 16000


def test_a_key_ends_it_at_once():
    outcome, listening = heard(sound(tone(0.3)) + struct.pack("!BH", KEY, 1) + b"5" + sound(tone(1)))
    assert (outcome, listening.key) == ("key", "5")


def test_a_stranger_on_the_port_is_not_believed():
    outcome, listening = heard(sound(tone(1) + bytes(16000)), believed=False)
    assert outcome == "failed"
    assert not listening.endpoint.heard


@pytest.mark.parametrize(
    "messages",
    [b"", b"\xff\x00\x01\x04", b"\x00\x00\x00", b"\x77\x00\x01x\x00\x00\x00"],
    ids=["nothing", "an error", "an end", "an unknown kind"],
)
def test_an_end_before_anything_was_said_is_a_failure_and_takes_no_time(messages: bytes):
    assert heard(messages or b"\x00\x00\x00")[0] in ("failed", "key")
