"""A log line holds no telephone number, whoever wrote it and wherever in it; ids and figures stay readable."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from acd.processes import logs

NUMBERS = ("13800001234", "+8613800001234", "02087654321", "008613800001234", "95001234")
KEPT = (
    *(
        "c1760000000-42-1234",
        "c1760000000-42-1234-1",
        "95001",
        "1001",
        "110",
        "1760000000.123456",
        "2026-11-28T22:00:00.123456",
    ),
    *(
        "a1b2c3d4e5f6",
        "/var/lib/sanxiang/run/prepared-20261128.json",
        "PJSIP/1001-00000042",
        "10.20.30.40:50612",
        "build-20261128",
    ),
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    logs.set_up(stream=written)
    yield written
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_masked_in_every_part_of_a_line(lines: io.StringIO, number: str):
    log = structlog.get_logger("tests.of.logs")
    log.warning(
        f"caller {number} gave up", caller=number, about={"to": [number]}, sentence=f"({number}) and sip:{number}@x;a"
    )
    logging.getLogger("aiohttp.server").error("could not answer %s", number)
    try:
        raise KeyError(number)
    except KeyError:
        log.exception("a listener failed")
    assert number[1:] not in lines.getvalue(), lines.getvalue()
    assert len(lines.getvalue().splitlines()) == 3
    assert number[-4:] in json.loads(lines.getvalue().splitlines()[0])["caller"]


@pytest.mark.parametrize("text", KEPT)
def test_ids_times_and_figures_stay(lines: io.StringIO, text: str):
    structlog.get_logger("tests.of.logs").warning("said", about=text, bytes=1234567890123)
    line = json.loads(lines.getvalue())
    assert (line["about"], line["bytes"]) == (text, 1234567890123)
