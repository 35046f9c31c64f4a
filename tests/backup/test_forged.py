"""A back-up that somebody has made up, with all its sums right: it names no place on this machine but those of a hotline."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from acd.backup.archive import Archive, Entry, Writer
from acd.backup.container import NewFile
from acd.backup.errors import Damaged, FromNewerVersion, NotRestored
from acd.backup.manifest import ConfigurationFile, Manifest
from acd.errors import SanxiangError
from acd.store.embedded import EmbeddedPostgres
from tests.backup.support.hotline import Hotline, new_database


def changed(file: Path, to: Path, files: dict[str, bytes], **said: object) -> Path:
    """The back-up with these files instead or besides, and a manifest that says so."""
    found: dict[str, bytes] = {}
    archive = Archive(file)

    def take(entry: Entry):
        found[entry.name] = b""
        return lambda data: found.update({entry.name: found[entry.name] + data})

    archive.walk(take)
    archive.close()
    made: Manifest = replace(archive.manifest, **said)  # type: ignore[arg-type]
    with NewFile(to) as new:
        writer = Writer(new, made, to.parent)
        for name, data in {**found, **files}.items():
            writer.add_bytes(name, data)
        writer.close()
        new.finish()
    return to


@pytest.fixture
async def whole(hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path) -> Path:
    """A back-up of a hotline; the machine is empty afterwards."""
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "whole")).file
    hotline.lose()
    hotline.url = await new_database(server, hotline.url.rpartition("/")[2])
    return file


async def refused(hotline: Hotline, file: Path, errors: type[SanxiangError] | tuple[type[SanxiangError], ...]) -> None:
    with pytest.raises(errors):
        await asyncio.to_thread(hotline.restore, file)
    assert [each for each in hotline.folder.rglob("*") if not each.is_dir()] == []
    assert await hotline.tables() == 0


@pytest.mark.parametrize(
    "name",
    [
        *("state/run/prepared.json", "state/postgresql/data", "state/recordings/2024/x.wav", "state/sounds/zh/x.wav"),
        *("recordings/cron.d/x", "recordings/x.wav", "recordings/20245/x"),
        *("configuration/99/x", "configuration/0", "configuration/x/y", "configuration/-1/y", "configuration/٣/y"),
        *("state/secrets.json/x", "state/journal"),
    ],
)
async def test_names(hotline: Hotline, whole: Path, tmp_path: Path, name: str):
    await refused(hotline, changed(whole, tmp_path / "a", {name: b"x"}), (Damaged, NotRestored))


@pytest.mark.parametrize(
    "rows",
    [b"x\n", b"\\.\n", b"a\tb\tc\n" * 1000, b"\0\n", b"\xff\xfe\n", b"; DROP TABLE calls\n", b"\\N\t" * 400 + b"\n"],
)
async def test_rows(hotline: Hotline, whole: Path, tmp_path: Path, rows: bytes):
    file = changed(whole, tmp_path / "a", {"database/calls/000001": rows})
    if rows == b"\\.\n":
        await asyncio.to_thread(hotline.restore, file)  # the end of COPY: no rows
    else:
        await refused(hotline, file, Damaged)


async def test_tables_and_columns(hotline: Hotline, whole: Path, tmp_path: Path):
    for number, tables in enumerate(({"pg_class": ["relname"]}, {"calls": ["nothing"]}, {"none": ["x"]})):
        files = {f"database/{next(iter(tables))}/000001": b"x\n"}
        await refused(hotline, changed(whole, tmp_path / str(number), files, tables=tables), Damaged)


async def test_versions(hotline: Hotline, whole: Path, tmp_path: Path):
    for number, said in enumerate(({"schema": "base"}, {"schema": "heads"}, {"schema": "+1"}, {"program": "99.0"})):
        await refused(hotline, changed(whole, tmp_path / str(number), {}, **said), FromNewerVersion)


async def test_paths_of_the_configuration_lead_nowhere_else(hotline: Hotline, whole: Path, tmp_path: Path):
    """They are entered into the configuration; one that does not stand there would be a file that nobody asked for."""
    archive = Archive(whole)
    files = archive.manifest.configuration
    archive.close()
    outside = tmp_path / "outside" / "x"
    more = [*files, ConfigurationFile(77, "hotline.menu", str(outside), str(outside))]
    await refused(
        hotline, changed(whole, tmp_path / "a", {"configuration/77/x": b"x"}, configuration=more), SanxiangError
    )
    more = [*files, ConfigurationFile(77, "", str(outside))]
    await asyncio.to_thread(
        hotline.restore, changed(whole, tmp_path / "b", {"configuration/77/x": b"x"}, configuration=more)
    )
    assert not outside.exists() and (hotline.etc / "restored" / "77" / "x").exists()


async def test_a_configuration_that_is_none(hotline: Hotline, whole: Path, tmp_path: Path):
    for number, text in enumerate((b"\xff", b"[", b"", b"queues = 5", b"x" * (5 << 20))):
        file = changed(whole, tmp_path / str(number), {"configuration/0/sanxiang.toml": text})
        await refused(hotline, file, SanxiangError)
