"""Where the configuration's files go on another machine, and what the configuration then says."""

import tomllib
from pathlib import Path

import pytest

from acd.backup import placing
from acd.backup.errors import NotEmpty, NotRestored, PathNotWritten
from acd.backup.manifest import ConfigurationFile
from acd.backup.placing import Staging, new_places, with_path, with_path_in_url, with_recordings_folder
from acd.config.database import read

FILES = [
    ConfigurationFile(0, "", "/etc/sanxiang/sanxiang.toml"),
    ConfigurationFile(1, "", "/etc/sanxiang/agents.toml"),
    ConfigurationFile(11, "database.password_file", "/etc/sanxiang/secret/db", "/etc/sanxiang/secret/db"),
    ConfigurationFile(12, "sip.tls.key", "/etc/letsencrypt/live/x/privkey.pem", "/etc/letsencrypt/live/x/privkey.pem"),
    ConfigurationFile(13, "hotline.prompts", "/etc/cron.d", "/etc/cron.d", folder=True),
]


def test_what_lay_beside_the_configuration_lies_beside_it_again_and_the_rest_below_it():
    assert new_places(FILES, Path("/srv/h/hotline.toml")) == {
        0: Path("/srv/h/hotline.toml"),
        1: Path("/srv/h/agents.toml"),
        11: Path("/srv/h/secret/db"),
        12: Path("/srv/h/restored/12/privkey.pem"),
        13: Path("/srv/h/restored/13/cron.d"),
    }


def test_a_configuration_in_the_root_takes_nothing_else_with_it():
    files = [ConfigurationFile(0, "", "/sanxiang.toml"), ConfigurationFile(11, "x", "/etc/passwd", "/etc/passwd")]
    assert new_places(files, Path("/srv/h.toml"))[11] == Path("/srv/restored/11/passwd")


def test_paths_follow():
    text = "menu = '/a/menu.toml'\nprompts = \"/a/b\"  # /a/menu.toml\n"
    made = with_path(text, "/a/menu.toml", Path("/new/me nu.toml"))
    assert tomllib.loads(made) == {"menu": "/new/me nu.toml", "prompts": "/a/b"}


def test_the_certificates_in_the_databases_url_follow():
    text = (
        "[database]\nurl = 'postgresql://u@h/d?sslmode=verify-full&sslrootcert=/a/ca.pem&sslkey=%2Fa%2Fca.pem&host=x'\n"
    )
    made = with_path_in_url(text, "/a/ca.pem", Path("/new place/ca&.pem"))
    address = read(tomllib.loads(made)["database"]["url"].replace("&host=x", "&sslcert=/b.pem"))
    assert address.sslrootcert == address.sslkey == "/new place/ca&.pem"
    assert address.sslcert == "/b.pem"
    with pytest.raises(PathNotWritten):
        with_path_in_url(text, "/other.pem", Path("/b"))


@pytest.mark.parametrize("new", ['/a"b', "/a\nb", "/a\\b"])
def test_a_path_that_toml_would_read_otherwise_is_refused(new: str):
    with pytest.raises(PathNotWritten, match="--config"):
        with_path('menu = "/a"', "/a", Path(new))


def test_a_path_that_is_written_in_another_way_is_refused_and_not_forgotten():
    with pytest.raises(PathNotWritten):
        with_path('menu = "/\\u0061"', "/a", Path("/b"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[sip]\nport = 5060\n",
        "[recordings]\nmin_free_mb = 5\n",
        "  [recordings]  # where\nmin_free_mb = 5\n[web]\nport = 1\n",
        '[recordings]\nfolder = "/old"\n',
        "[recordings]\nfolder = '/old'\n",
    ],
)
def test_another_folder_for_recordings(text: str):
    made = tomllib.loads(with_recordings_folder(text, Path("/srv/sound")))
    was = tomllib.loads(text)
    assert made == {**was, "recordings": {**was.get("recordings", {}), "folder": "/srv/sound"}}


def test_what_can_not_be_written_into_the_configuration_is_said():
    with pytest.raises(PathNotWritten):
        with_recordings_folder("recordings = { min_free_mb = 5 }\n[web]\nport = 1\n", Path("/srv/sound"))


def test_a_folder_of_empty_folders_is_empty_and_a_file_or_link_in_it_is_told(tmp_path: Path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    placing.check_empty(tmp_path, "The folder", "x")
    placing.check_empty(tmp_path / "none", "The folder", "x")
    (tmp_path / "a" / "link").symlink_to("/etc")
    with pytest.raises(NotEmpty, match="a/link is in it"):
        placing.check_empty(tmp_path, "The folder", "x")
    (tmp_path / "a" / "link").unlink()
    (tmp_path / "a" / "b" / "file").touch()
    with pytest.raises(NotEmpty, match="a/b/file is in it"):
        placing.check_empty(tmp_path, "The folder", "x")


def test_what_is_not_kept_leaves_nothing_not_even_folders(tmp_path: Path):
    staging = Staging(tmp_path / "new" / "deep")
    (staging.folder / "one").mkdir()
    (staging.folder / "one" / "file").write_text("x")
    (staging.folder / "two").write_text("y")
    staging.move(staging.folder / "one", tmp_path / "new" / "deep" / "one")
    staging.move(staging.folder / "two", tmp_path / "new" / "deep" / "more" / "two")
    assert (tmp_path / "new" / "deep" / "more" / "two").read_text() == "y"
    staging.close(keep=False)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_moved_over_what_is_there(tmp_path: Path):
    staging = Staging(tmp_path)
    (staging.folder / "one").write_text("new")
    (tmp_path / "one").write_text("old")
    with pytest.raises(NotRestored, match="something is there already"):
        staging.move(staging.folder / "one", tmp_path / "one")
    staging.close(keep=False)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("one", "old")]
