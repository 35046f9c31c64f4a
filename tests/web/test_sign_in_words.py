"""Every refusal of a log-in is a sentence of the page, in Chinese and English."""

import re
from pathlib import Path

import pytest

from acd.web.server.page_build import CONSOLE

WEB = Path(CONSOLE).parent
FILES = [
    *(WEB / "access").glob("*.py"),
    *(WEB / "api" / f"{name}.py" for name in ("passkey_log_in", "oidc_log_in", "own_sign_in")),
]
CODE = re.compile(r'(?:Problem|super\(\).__init__)\(\s*\d{3},\s*"([a-z-]+)"')
ELSEWHERE = {"cross-site"}
"""Told by the server's own sentence: it is for whoever keeps the hotline."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_has_words(language: str):
    codes = {code for file in FILES for code in CODE.findall(file.read_text("utf-8"))} - ELSEWHERE
    assert len(codes) > 20 and {"provider-away", "no-group", "used-code", "second-factor"} <= codes
    words = "".join(
        (CONSOLE / "src" / "words" / f"{name}{language}.ts").read_text("utf-8") for name in ("", "sign-in-")
    )
    assert not [code for code in codes if f"'{code}':" not in words]
