"""`sanxiang docs --serve`: on this machine alone, until Ctrl-C."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from acd.cli.docs import HERE
from tests.cli.command_line import typed
from tests.site.documents import ROOT


def test_the_site_is_shown_until_ctrl_c(built_site: Path):
    words = [sys.executable, "-m", "acd.cli", "docs", "--serve", "--port", "0"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as shown:
        assert shown.stdout is not None
        address = re.match(r"(http://127\.0\.0\.1:\d+/)", shown.stdout.readline())
        assert address is not None
        for path in ("", "docs/runbook.html", "search/search_index.json"):
            with urllib.request.urlopen(f"{address[1]}{path}", timeout=30) as answer:
                assert answer.status == 200
        shown.send_signal(signal.SIGINT)
        assert shown.wait(30) == 0
    assert (built_site / "search" / "search_index.json").is_file()


@pytest.mark.parametrize("port", ["taken", "-1", "70000", "http"])
def test_a_port_that_can_not_be_is_told(port: str, built_site: Path):
    with socket.socket() as other:
        other.bind((HERE, 0))
        other.listen()
        said = typed("docs", "--serve", "--port", str(other.getsockname()[1]) if port == "taken" else port)
    assert said.status == 2 and "--port" in said.screen
