"""The tests' own way to Asterisk's console prints what Asterisk's own program prints."""

import subprocess
from pathlib import Path

import pytest

from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support import asterisk_console


@pytest.mark.parametrize(
    "command",
    [
        "core show version",
        "core show channels concise",
        "pjsip show endpoints",
        "dialplan show arrive",
        "no such command",
        "核 ü",
    ],
)
async def test_both_print_the_same(house: AsteriskFixture, command: str):
    program = [*house.asterisk.asterisk, "-C", str(house.settings.main_file), "-rx", command]
    theirs = subprocess.run(program, capture_output=True, text=True, check=False).stdout
    assert await house.cli(command) == theirs
    assert theirs or command.endswith("concise"), "nobody was asked"


async def test_without_an_asterisk_both_say_so(tmp_path: Path):
    assert "Unable to connect to remote asterisk" in await asterisk_console.ask(
        tmp_path / "asterisk.ctl", "core show version"
    )
