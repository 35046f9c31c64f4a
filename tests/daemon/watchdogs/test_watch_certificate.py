"""The watch over the certificate: a renewed pair is put in use once, and its end is told 14, 7, 3, 1 days before and after it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from acd.daemon.watchdogs.certificate import CertificateWatch
from acd.engine.events import AlarmRaised, Event
from acd.errors import SanxiangError
from acd.pbx.conf.certificates import read_pair
from acd.pbx.conf.settings import PbxSettings, PbxTls
from tests.pbx.support.rendered_conf import settings_in
from tests.support.certificates import made


class NotNow(SanxiangError):
    """Asterisk is down."""


class Watched:
    """A watch, Asterisk's part of it, and a clock that a test moves."""

    def __init__(self, folder: Path) -> None:
        self.files = made(folder, "house", days=60)
        tls = PbxTls(5061, self.files.certificate, self.files.key)
        self.settings: PbxSettings = settings_in(folder, tls=tls)
        self.settings.etc.mkdir(parents=True)
        self.pair = read_pair(tls)
        self.now = self.pair.good_from
        self.told: list[Event] = []
        self.reloads = 0
        self.away = False
        self.watch = CertificateWatch(lambda: self.settings, self._reload, self.told.append, lambda: self.now)

    async def _reload(self) -> None:
        if self.away:
            raise NotNow
        self.reloads += 1

    def alarms(self) -> list[tuple[str, str]]:
        return [(event.name, event.detail) for event in self.told if isinstance(event, AlarmRaised)]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


async def test_the_end_is_told_once_at_each_mark_and_not_before(watched: Watched):
    days = [30, 20, 14.5, 13.9, 10, 6.9, 6.5, 2.9, 2, 0.9, 0.5, -0.1, -3]
    marks = []
    for left in days:
        watched.now = watched.pair.good_until - timedelta(days=left)
        before = len(watched.told)
        for _ in range(2):
            await watched.watch.look()
        marks += [left] * (len(watched.told) - before)
    assert marks == [13.9, 6.9, 2.9, 0.9, -0.1]
    assert [name for name, _ in watched.alarms()] == ["certificate ends"] * 5
    assert "ends at" in watched.alarms()[0][1] and "has ended at" in watched.alarms()[-1][1]


async def test_a_daemon_that_starts_late_tells_the_present_mark_alone(watched: Watched):
    watched.now = watched.pair.good_until - timedelta(days=2)
    await watched.watch.look()
    await watched.watch.look()
    assert len(watched.told) == 1


async def test_a_renewed_pair_is_put_in_use_once_and_its_own_end_counts_from_then_on(watched: Watched, tmp_path: Path):
    watched.now = watched.pair.good_until - timedelta(days=2)
    await watched.watch.look()
    assert (watched.watch.installed, watched.reloads) == (1, 1)  # nothing was installed here before
    await watched.watch.look()
    assert (watched.watch.installed, watched.reloads) == (1, 1)

    renewed = made(tmp_path / "renewed", "house", days=61)
    watched.files.certificate.write_text(renewed.certificate.read_text())
    watched.files.key.write_text(renewed.key.read_text())
    await watched.watch.look()
    assert (watched.watch.installed, watched.reloads) == (2, 2)
    assert watched.settings.tls_file.read_text() == read_pair(PbxTls(0, renewed.certificate, renewed.key)).text
    before = len(watched.told)
    watched.now += timedelta(days=2, hours=12)  # the old one's end would be told now
    await watched.watch.look()
    assert len(watched.told) == before + 1  # the new one has half a day left


async def test_an_asterisk_that_is_away_is_told_later(watched: Watched):
    watched.away = True
    for _ in range(3):
        await watched.watch.look()
    assert (watched.watch.installed, watched.reloads) == (1, 0)
    watched.away = False
    await watched.watch.look()
    await watched.watch.look()
    assert (watched.watch.installed, watched.reloads) == (1, 1)


async def test_without_tls_nothing_is_looked_at(watched: Watched):
    watched.settings = replace(watched.settings, tls=None)
    await watched.watch.look()
    assert (watched.told, watched.watch.installed) == ([], 0)


async def test_each_kind_of_broken_pair_is_told_after_two_looks_and_again_only_when_it_is_another(watched: Watched):
    await watched.watch.look()
    installed = watched.settings.tls_file.read_text()
    key = watched.files.key.read_text()
    for broken in ("", key[:60]):
        watched.files.key.write_text(broken)
        for _ in range(4):
            await watched.watch.look()
    watched.files.key.unlink()
    for _ in range(4):
        await watched.watch.look()
    assert [name for name, _ in watched.alarms()] == ["certificate unusable"] * 2  # empty and cut read alike: no key
    assert "can't be read" in watched.alarms()[-1][1]
    watched.files.key.write_text(key)
    await watched.watch.look()
    assert (watched.settings.tls_file.read_text(), watched.reloads) == (installed, 1)
