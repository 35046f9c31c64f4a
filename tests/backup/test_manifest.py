"""What a back-up says of itself is read with distrust."""

import json
from typing import Any

import pytest

from acd.backup.manifest import FORMAT, NewerFormat, read
from tests.backup.support.small_archive import manifest


def changed(**values: Any) -> bytes:
    return json.dumps({**json.loads(manifest().text()), **values}).encode()


def tables(said: Any) -> bytes:
    return changed(tables=said)


def configuration(said: Any) -> bytes:
    return changed(configuration=said)


def test_it_is_read_as_it_was_written():
    assert read(manifest().text()) == manifest()


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000, b'{"format": 1}'),
        *map(tables, ([], {"calls; DROP": []}, {"calls": ['"']}, {"calls": "ab;"})),
        *(changed(recordings=each) for each in ("all", None, 1)),
        *(changed(made_at=each) for each in ("2026-11-29T17:00:00", "now", 5, "")),
        *(changed(spool=each) for each in ("../x", "XYZ", 5)),
        *(changed(schema=each) for each in ("", "0001; --", 1)),
        *map(configuration, ([{}], [5], "x", [{"number": 0, "field": "", "was": "relative"}])),
        changed(configuration=[{"number": 0, "field": "", "was": "/etc/../../x"}]),
        changed(configuration=[{"number": 0, "field": "", "was": "/"}]),
        changed(configuration=[{"number": "0", "field": "", "was": "/etc/x"}]),
        changed(configuration=[{"number": 0, "field": "", "was": "/etc/x"}] * 2),
        changed(hotline=5),
        changed(left_out=[5]),
        changed(unknown=1),
    ],
    ids=lambda text: text[:40].decode(errors="replace"),
)
def test_what_is_not_as_we_write_it_is_refused(text: bytes):
    with pytest.raises(ValueError, match=r"manifest|zone"):
        read(text)


def test_a_newer_form_is_known_whatever_else_it_says():
    with pytest.raises(NewerFormat, match=r"9\.0"):
        read(json.dumps({"format": FORMAT + 1, "program": "9.0"}).encode())
