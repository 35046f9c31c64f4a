"""A codec that the Asterisk in use can't turn into sound is refused by `config check`, before any carrier is promised it."""

from pathlib import Path

import pytest

from acd import config as configuration
from acd.config import Config
from acd.pbx.install.runtime import NEEDED_MODULES
from acd.setup.codecs import codec_mistakes
from acd.setup.prepare import check_prompts_and_menu

QUEUES = {"orders": {"label": {"zh": "订单", "en": "Orders"}}}


def asking(*codecs: str, agents: tuple[str, ...] = ("alaw",), asterisk: Path | None = None) -> Config:
    return configuration.check(
        {
            "queues": QUEUES,
            "trunks": {"carrier": {"addresses": ["192.0.2.10"], "codecs": list(codecs)}},
            "sip": {"agents": {"codecs": list(agents)}},
            "pbx": {"asterisk": str(asterisk)} if asterisk else {},
        }
    )


def own_asterisk(folder: Path, *modules: str) -> Path:
    """A program that says which Asterisk it is, with these modules beside it."""
    lies = folder / "lib" / "asterisk" / "modules"
    lies.mkdir(parents=True)
    for name in (*NEEDED_MODULES, *modules):
        (lies / name).touch()
    program = folder / "sbin" / "asterisk"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho Asterisk 22.10.1\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def no_other_asterisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANXIANG_ASTERISK", "none")


def test_g729_is_refused_where_asterisk_is_fetched_wherever_it_stands():
    told = codec_mistakes(asking("alaw", "g729", agents=("g729", "alaw")))
    assert [each.partition(": ")[0] for each in told] == ["sip.agents.codecs", "trunks.carrier.codecs"]
    assert all("can't turn g729 into sound" in each and "codec_g729.so" in each for each in told)
    assert told[0] in check_prompts_and_menu(asking("alaw", agents=("g729", "alaw")))


@pytest.mark.parametrize("codecs", [("alaw", "ulaw", "g722"), ("gsm", "alaw"), ("opus", "alaw")])
def test_what_the_packages_have_is_taken(codecs: tuple[str, ...]):
    assert codec_mistakes(asking(*codecs)) == []


@pytest.mark.parametrize("module", ["codec_g729.so", "codec_g729a.so"])
def test_an_asterisk_of_the_operators_with_its_module_may_have_it(tmp_path: Path, module: str):
    assert codec_mistakes(asking("g729", asterisk=own_asterisk(tmp_path, module))) == []


@pytest.mark.parametrize("codec", ["g729", "opus"])
def test_an_asterisk_of_the_operators_without_the_module_is_told_where_it_goes(tmp_path: Path, codec: str):
    [said] = codec_mistakes(asking("alaw", codec, asterisk=own_asterisk(tmp_path)))
    assert said.startswith(f"trunks.carrier.codecs: this Asterisk can't turn {codec} into sound.")
    assert str(tmp_path / "lib" / "asterisk" / "modules") in said
