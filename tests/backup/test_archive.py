"""The file of a back-up: every byte is under a sum, and what is forged with right sums is refused, too."""

import contextlib
import io
import os
import random
import tarfile
from pathlib import Path

import pytest

from acd.backup.archive import MOST_LEFT_OUT, Archive, Writer, _AsFarAsItGoes
from acd.backup.container import MAGIC, PIECE, NewFile, Sealer
from acd.backup.errors import BackupExists, BadKey, Damaged, NeedsKey, NotABackup, NotWritten, WrongKey
from acd.errors import SanxiangError
from tests.backup.support.small_archive import FILES, KEY, forged, manifest, odd, plain, written

pytestmark = pytest.mark.slow


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(KEY + b"\n")
    return file


def contents(file: Path, key: Path | None = None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    archive = Archive(file, key)

    def take(entry):
        found[entry.name] = b""
        return lambda data: found.update({entry.name: found[entry.name] + data})

    try:
        archive.walk(take)
    finally:
        archive.close()
    return found


@pytest.mark.parametrize("sealed", [False, True])
def test_what_was_written_is_read_again(tmp_path: Path, key: Path, sealed: bool):
    files = {**FILES, "recordings/2026/11/29/long.wav": os.urandom(3 * PIECE + 17), "state/" + "n" * 200: b"long name"}
    file = written(tmp_path / "a.backup", files, key=KEY if sealed else None)
    assert contents(file, key if sealed else None) == files
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if each != key] == ["a.backup"]
    archive = Archive(file, key if sealed else None)
    assert archive.manifest == manifest()
    archive.close()
    assert file.read_bytes().startswith(MAGIC) == sealed
    if sealed:
        assert b"secrets.json" not in file.read_bytes() and "红灯笼".encode() not in file.read_bytes()


def test_a_plain_one_is_unpacked_by_tar(tmp_path: Path):
    with tarfile.open(written(tmp_path / "a.backup")) as tar:
        assert {"manifest.json", "sums.jsonl", "sha256", *FILES} == set(tar.getnames())


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_pieces_of_every_length(tmp_path: Path, key: Path, length: int):
    data = os.urandom(length)
    assert contents(written(tmp_path / "a", {"state/x": data}, key=KEY), key) == {"state/x": data}


def test_every_changed_byte_of_a_plain_one_is_noticed(tmp_path: Path):
    whole = written(tmp_path / "a").read_bytes()
    broken = tmp_path / "b"
    for place in range(0, len(whole), 11):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        broken.write_bytes(changed)
        with pytest.raises(SanxiangError):
            contents(broken)


def test_every_shortened_or_lengthened_one_is_noticed(tmp_path: Path):
    whole = written(tmp_path / "a").read_bytes()
    broken = tmp_path / "b"
    for length in [*range(0, len(whole), 211), len(whole) - 1]:
        broken.write_bytes(whole[:length])
        with pytest.raises((Damaged, NotABackup)):
            contents(broken)
    for more in (b"\0", b"\0" * 10240, b"x", whole):
        broken.write_bytes(whole + more)
        with pytest.raises(Damaged):
            contents(broken)


def test_changed_moved_repeated_and_missing_pieces_of_a_sealed_one_are_noticed(tmp_path: Path, key: Path):
    whole = written(tmp_path / "a", {"state/x": os.urandom(3 * PIECE)}, key=KEY).read_bytes()
    head, size = len(MAGIC) + 16 + 7 + 16, PIECE + 16
    pieces = [whole[at : at + size] for at in range(head, len(whole), size)]
    assert len(pieces) == 4
    broken = tmp_path / "b"
    chance = random.Random(7)
    wrong = [
        whole[:head] + b"".join(pieces[i] for i in order)
        for order in ((1, 0, 2, 3), (0, 0, 2, 3), (0, 1, 2), (0, 1, 3))
    ]
    wrong += [whole[: head + 20], whole[:head], whole[: head - 1], whole + b"x", whole + pieces[3]]
    for _ in range(12):
        place = chance.randrange(len(whole))
        wrong.append(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
    for each in wrong:
        broken.write_bytes(each)
        with pytest.raises((Damaged, WrongKey, NotABackup)):
            contents(broken, key)


def test_the_damaged_file_is_named(tmp_path: Path):
    file = written(tmp_path / "a")
    data = file.read_bytes()
    file.write_bytes(data.replace(b'{"ami": "x"}', b'{"ami": "y"}'))
    with pytest.raises(Damaged, match=r"state/secrets\.json in it is not what was backed up"):
        contents(file)


def test_keys(tmp_path: Path, key: Path):
    file = written(tmp_path / "a", key=KEY)
    with pytest.raises(NeedsKey, match="--key-file"):
        Archive(file)
    other = tmp_path / "other"
    other.write_bytes(KEY + b"!")
    with pytest.raises(WrongKey, match="not encrypted with the key in"):
        Archive(file, other)
    for text in (b"", b"short", b"\n" * 40, b"x" * 5000):
        other.write_bytes(text)
        with pytest.raises(BadKey, match="16 to 4096 bytes"):
            Archive(file, other)
    with pytest.raises(BadKey, match="can't be read"):
        Archive(file, tmp_path / "none")
    with pytest.raises(BadKey, match="can't be read"):
        Archive(file, tmp_path)


@pytest.mark.parametrize("text", [b"", b"\0" * 10240, b"PK\x03\x04" + b"x" * 3000, b"x" * 511, "挂断".encode() * 600])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, text: bytes):
    (tmp_path / "a").write_bytes(text)
    with pytest.raises(NotABackup, match="is no back-up of ours"):
        Archive(tmp_path / "a")


def test_places_that_are_no_file_are_refused_without_waiting(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "none", tmp_path / "pipe"):
        with pytest.raises(NotABackup):
            Archive(place)


HOSTILE = [
    *(
        plain(name)
        for name in ("../x", "/etc/cron.d/x", "state/../../x", "state/./x", "state//x", "state", "x/y", "state/")
    ),
    *(plain(name) for name in ("state/a\0b", "", ".", "..", "recordings/../state/x")),
    odd("state/link", tarfile.SYMTYPE, "/etc/passwd"),
    odd("state/link", tarfile.LNKTYPE, "manifest.json"),
    odd("state/folder", tarfile.DIRTYPE),
    odd("state/pipe", tarfile.FIFOTYPE),
    odd("state/disk", tarfile.BLKTYPE),
    odd("state/null", tarfile.CHRTYPE),
    odd("state/sparse", tarfile.GNUTYPE_SPARSE),
    odd("state/cont", tarfile.CONTTYPE),
]


@pytest.mark.parametrize("member", HOSTILE, ids=lambda each: f"{each.name!r} {each.type!r}")
def test_forged_members_are_refused_though_their_sums_are_right(tmp_path: Path, member: tarfile.TarInfo):
    file = forged(tmp_path / "a", [(plain("state/epoch", b"1"), b"1"), (member, b"")])
    with pytest.raises(Damaged):
        contents(file)


def test_a_forged_one_with_nothing_odd_would_be_read(tmp_path: Path):
    """Or the test above shows nothing."""
    assert contents(forged(tmp_path / "a", [(plain("state/epoch", b"1"), b"1")])) == {"state/epoch": b"1"}


def test_a_head_that_asks_for_a_gigabyte_is_refused_unread(tmp_path: Path):
    member = plain("state/x")
    member.pax_headers = {"comment": "y" * (3 << 20)}
    with pytest.raises(Damaged, match="far too long"):
        contents(forged(tmp_path / "a", [(member, b"")]))


def test_heads_that_nest_without_end_are_refused(tmp_path: Path):
    head = io.BytesIO()
    nested = tarfile.TarInfo("pax")
    nested.type, nested.size = tarfile.XHDTYPE, 0
    head.write(nested.tobuf() * 5000)
    whole = written(tmp_path / "a").read_bytes()
    (tmp_path / "b").write_bytes(whole[:1024] + head.getvalue() + whole[1024:])
    with pytest.raises(Damaged):
        contents(tmp_path / "b")


def test_a_file_that_is_there_is_never_written_over_unless_told(tmp_path: Path):
    file = tmp_path / "a"
    file.write_text("mine")
    with pytest.raises(BackupExists, match="--replace"):
        NewFile(file)
    with NewFile(file, replace=True) as new:
        new.write(b"new")
        assert file.read_text() == "mine"
        new.finish()
    assert file.read_text() == "new"
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(BackupExists):
        NewFile(link)


def test_a_file_that_came_meanwhile_is_not_written_over(tmp_path: Path):
    with NewFile(tmp_path / "a") as new, pytest.raises(BackupExists):
        (tmp_path / "a").write_text("another's")
        new.finish()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a", "another's")]


def test_nothing_is_left_of_one_that_failed(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), NewFile(tmp_path / "a") as new:
        new.write(b"half")
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotWritten, match="No such file"):
        NewFile(tmp_path / "none" / "a")


def test_two_files_with_one_key_have_nothing_in_common(tmp_path: Path):
    one, other = (written(tmp_path / name, key=KEY).read_bytes() for name in "ab")
    assert one[len(MAGIC) :][:32] != other[len(MAGIC) :][:32]
    assert len({each[at : at + 64] for each in (one, other) for at in range(100, 1000, 64)}) == 30


def test_the_sealing_is_aes_256_gcm_as_others_write_it():
    """Test case 14 of the GCM specification: key, nonce and text of zeros."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from acd.backup.sealing import Cipher, Forged

    cipher = Cipher(KEY, b"s" * 16)
    cipher._cipher = AESGCM(bytes(32))
    sealed = cipher.seal(bytes(12), bytes(16))
    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    assert cipher.open(bytes(12), sealed) == bytes(16)
    with pytest.raises(Forged):
        cipher.open(bytes(12), sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_sealer_that_is_given_nothing_cannot_be_read(tmp_path: Path, key: Path):
    with NewFile(tmp_path / "a") as new:
        Sealer(new, KEY).finish()
        new.finish()
    with pytest.raises((Damaged, NotABackup)):
        Archive(tmp_path / "a", key)


def test_a_recording_that_breaks_off_is_kept_as_far_as_it_goes(tmp_path: Path):
    file = tmp_path / "talk.wav"
    file.write_bytes(b"sound" * 10)
    with file.open("rb", buffering=0) as source:
        sound = _AsFarAsItGoes(source)
        assert sound.read(5) == b"sound"
        os.truncate(file, 5)  # as a share that has lost its end
        assert sound.read(3) + sound.read(2) == bytes(5)
    assert (sound.read_bytes, sound.why) == (5, "it became shorter while it was read")


def test_a_recording_that_the_disk_does_not_give_is_zeros_with_the_reason():
    with Path("/proc/self/mem").open("rb", buffering=0) as source:  # nothing is mapped at its beginning
        sound = _AsFarAsItGoes(source)
        assert sound.read(8) == bytes(8)
    assert (sound.read_bytes, sound.why) == (0, "Input/output error")


def test_what_was_left_out_is_found_again_and_a_forged_list_is_refused(tmp_path: Path):
    new = NewFile(tmp_path / "a.backup")
    with new:
        writer = Writer(new, manifest(), tmp_path)
        writer.add_left_out([f"recordings: {number} {'x' * 5000}" for number in range(MOST_LEFT_OUT + 7)])
        writer.close()
        new.finish()
    with contextlib.closing(Archive(tmp_path / "a.backup")) as archive:
        archive.look_for_left_out()
        looked = archive.left_out
        archive.verify()
    assert looked == archive.left_out and len(looked) == MOST_LEFT_OUT + 1
    assert looked[-1] == "7 more of the recordings were left out" and max(map(len, looked)) == 400
    for text in (b"{}", b"[1]", b"[", b"\xff"):
        file = written(tmp_path / f"b{len(text)}{text[0]}", {"left-out.json": text})
        with contextlib.closing(Archive(file)) as forged_one, pytest.raises(Damaged, match="left-out"):
            forged_one.look_for_left_out()
