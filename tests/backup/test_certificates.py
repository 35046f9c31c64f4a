"""The certificates with which the database is reached are kept in a back-up, and are there when the restore first needs them.

A database with TLS and client certificates itself: tests/store/test_rented_postgres.py.
"""

from pathlib import Path

import pytest

from acd.backup import contents
from acd.backup.archive import Archive, Writer
from acd.backup.container import NewFile
from acd.backup.errors import PathNotWritten
from acd.backup.manifest import ConfigurationFile
from acd.backup.restore import Wanted, _Restore
from acd.config.database import read
from acd.config.versions import Texts, Versions
from acd.setup.installation import Installation
from tests.backup.support.small_archive import manifest

CONFIG = """
[queues.orders]
label = {{ zh = "订单", en = "Orders" }}
[hotline.numbers]
"95001" = "zh"
[database]
url = "postgresql://u@db.example.com/hotline?sslmode=verify-full&sslrootcert={root}&sslcert={folder}/client.crt&sslkey={folder}/client.key"
"""
TEXTS = {"root.crt": "the authority", "client.crt": "the certificate", "client.key": "the key"}


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    folder = tmp_path / "pki"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    return folder


def installed(tmp_path: Path, text: str) -> contents.Hotline:
    installation = Installation.at(tmp_path / "state")
    file = tmp_path / "etc" / "sanxiang.toml"
    file.parent.mkdir()
    Versions(installation.versions).take(Texts(text), file, "up", "up")
    return contents.Hotline.of(installation)


def test_every_certificate_of_the_address_is_one_of_the_configurations_files(tmp_path: Path, pki: Path):
    found, faults = contents.configuration_files(installed(tmp_path, CONFIG.format(folder=pki, root=pki / "root.crt")))
    assert faults == []
    assert [(each.field, each.was) for each in found[1:]] == [
        ("database.url?sslrootcert", str(pki / "root.crt")),
        ("database.url?sslcert", str(pki / "client.crt")),
        ("database.url?sslkey", str(pki / "client.key")),
    ]


def test_the_machines_own_authorities_are_no_file_and_what_is_missing_is_told(tmp_path: Path, pki: Path):
    (pki / "client.key").unlink()
    found, faults = contents.configuration_files(installed(tmp_path, CONFIG.format(folder=pki, root="system")))
    assert [each.field for each in found[1:]] == ["database.url?sslcert"]
    assert faults == [f"database.url?sslkey: {pki / 'client.key'} is not there and was left out"]


def backed_up(file: Path, text: str, pki: Path) -> Path:
    """A back-up of this configuration and its certificates."""
    words = {"root.crt": "sslrootcert", "client.crt": "sslcert", "client.key": "sslkey"}
    named = [
        ConfigurationFile(number, f"{contents.OF_URL}{word}", str(pki / name), str(pki / name))
        for number, (name, word) in enumerate(words.items(), 11)
    ]
    files = [ConfigurationFile(0, "", "/etc/sanxiang/sanxiang.toml"), *named]
    with NewFile(file) as new:
        writer = Writer(new, manifest(configuration=files), file.parent)
        writer.add_bytes("configuration/0/sanxiang.toml", text.encode())
        for each in named:
            writer.add_bytes(f"configuration/{each.number}/{Path(each.was).name}", TEXTS[Path(each.was).name].encode())
        writer.close()
        new.finish()
    return file


def test_the_restore_reaches_the_database_with_them_before_they_are_in_their_places(tmp_path: Path, pki: Path):
    file = backed_up(tmp_path / "a.backup", CONFIG.format(folder=pki, root=pki / "root.crt"), pki)
    place, scratch = tmp_path / "new" / "sanxiang.toml", tmp_path / "scratch"
    scratch.mkdir()
    archive = Archive(file)
    work = _Restore(Installation(tmp_path / "state"), Wanted(file, place), archive, lambda _: None)
    work.check()
    config, url = work._restored_configuration(scratch)
    archive.close()
    reached, written = read(url), read(str(config.database.url))
    for now, then, name in (
        (reached.sslrootcert, written.sslrootcert, "root.crt"),
        (reached.sslcert, written.sslcert, "client.crt"),
        (reached.sslkey, written.sslkey, "client.key"),
    ):
        assert Path(now).is_relative_to(scratch) and Path(now).read_text() == TEXTS[name]
        assert Path(now).stat().st_mode & 0o777 == 0o600
        assert Path(then).is_relative_to(place.parent / "restored") and Path(then).name == name
    assert len(work.done.moved) == 3


def test_an_address_that_does_not_name_them_is_told_and_not_forgotten(tmp_path: Path, pki: Path):
    text = CONFIG.format(folder="/elsewhere", root="/elsewhere/root.crt")
    file = backed_up(tmp_path / "a.backup", text, pki)
    archive = Archive(file)
    work = _Restore(Installation(tmp_path / "state"), Wanted(file, tmp_path / "x.toml"), archive, lambda _: None)
    work.check()
    with pytest.raises(PathNotWritten, match="--config"):
        work._restored_configuration(tmp_path)
    archive.close()
