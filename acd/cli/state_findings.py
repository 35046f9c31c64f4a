"""What `doctor` says of the state folder: its disk, what must lie in it and whose it is, the clock by its files, the journal's lines."""

import json
import pwd
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from acd.cli import disk_probe
from acd.cli.finding import Finding
from acd.errors import SanxiangError
from acd.setup.installation import Installation, NoInstallation
from acd.setup.own_user import typed_for, typed_for_service
from acd.setup.start_plan import StartPlan
from acd.store.journal import spool

FREE_MB = 500.0
"""Fewer in the state folder is bad: the journal takes 3.4 kB a call, each log up to `log.files_mb`."""
AHEAD_S = 120.0
"""A file of the hotline's that is so far in the future says that the clock was set back."""
READ_AT_MOST = 64_000_000
"""Bytes of the journal's newest segment that are looked through for damaged lines."""
_OURS = ("run", "log", "journal", "config", "recordings", "secrets.json", "operator.token", "accounts.json", "sounds")


def state_findings(installation: Installation, *, named: bool) -> Iterator[Finding]:
    """The first that is bad is the cause of those after it. `named`: by --state, so that one that is not there is a mistake and
    no first start."""
    folder = installation.state
    try:
        Installation.existing(folder)
    except NoInstallation as missing:
        if named:
            yield Finding("state folder", False, str(missing))
        elif service := typed_for_service(folder):
            own = f"{folder} is not there; the service of this machine has its own"
            yield Finding("state folder", False, own, f"Type `{service} doctor`.")
        else:
            yield Finding("state folder", True, f"{folder} is not there yet; `up` makes it")
        return
    except (SanxiangError, OSError) as error:
        yield Finding("state folder", False, str(error))
        return
    found = [_disk(folder), *_owners(installation), *_missing(installation), *_token(installation)]
    yield from found
    if all(each.ok for each in found):
        yield from _clock(installation)
        yield from _lines(installation)


def _disk(folder: Path) -> Finding:
    name, asked = "state folder", disk_probe.probe(folder)
    free = f"{asked.free_mb:,.0f} MB free" if asked.free_mb is not None else "how much is free is not known"
    if asked.hangs:
        remedy = "`dmesg` and `mount` show the disk or share; mend that. Calls go on meanwhile, and nothing is to be started anew."
        return Finding(name, False, f"{folder}: its disk does not answer ({disk_probe.WITHIN_S:g} s)", remedy)
    if asked.full or (asked.free_mb is not None and asked.free_mb < FREE_MB):
        remedy = f"Make room: `du -xsh {folder}/*` shows what is large there; calls go on, but nothing is logged on a full disk."
        only = f"{folder} is full" if asked.free_mb is None else f"{folder}, only {asked.free_mb:,.0f} MB free"
        return Finding(name, False, only, remedy)
    if asked.read_only:
        remedy = "A disk that has failed is often mounted read-only: `dmesg` says why. Mend it, then `mount -o remount,rw` it. Calls go on."
        return Finding(name, False, f"{folder} can't be written: its disk is read-only", remedy)
    if asked.errno:
        remedy = f"Type this as the user of the hotline (`{typed_for(folder)} doctor`), else mend the folder's owner and rights."
        return Finding(name, False, f"{folder} can't be written: {asked.why}", remedy)
    if asked.took_s is not None and asked.took_s > disk_probe.SLOW_S:
        remedy = "Look at what else writes there (`iostat -x 1`, `dmesg`); the state folder belongs on a local disk."
        return Finding(name, False, f"{folder}: its disk takes {asked.took_s:.1f} s for 4 kB", remedy)
    return Finding(name, True, f"{folder}, {free}")


def _owners(installation: Installation) -> Iterator[Finding]:
    """Files of another user than the folder's: somebody has run a command as root, or has put a copy back as another."""
    folder = installation.state
    owner = folder.stat().st_uid
    newest = _segments(installation)[-1:]
    foreign = {
        path.name: path.stat().st_uid
        for path in (*(folder / name for name in _OURS), *newest)
        if path.exists() and path.stat().st_uid != owner
    }
    if foreign:
        whose = ", ".join(sorted({_name(uid) for uid in foreign.values()}))
        found = f"{', '.join(foreign)} of {folder} belongs to {whose}, the folder to {_name(owner)}: the hotline can't write there"
        remedy = f"As root: `chown -R --from={whose.split(', ')[0]} {_name(owner)} {folder}`; calls go on."
        yield Finding("state folder", False, found, remedy)


def _missing(installation: Installation) -> Iterator[Finding]:
    """What a start makes, and is gone since. Nothing before the first start."""
    try:
        plan = StartPlan.of(installation)
    except (OSError, ValueError, TypeError, SanxiangError):
        return
    for folder in (installation.log, installation.journal):
        if not folder.is_dir():
            remedy = (
                f"Put it back from the latest back-up if it was taken away by mistake; else `mkdir -m 700 {folder}` as "
                f"{_name(installation.state.stat().st_uid)}. Calls go on."
            )
            yield Finding("state folder", False, f"{folder} is gone", remedy)
    recordings = Path(plan.recordings)
    if not recordings.is_dir():
        remedy = f"mkdir -p {recordings}   (or mount its disk). Calls go on; talks are not recorded until it is there."
        yield Finding("recordings", False, f"{recordings} is gone", remedy)


def _token(installation: Installation) -> Iterator[Finding]:
    """The command line's key. Without it no command reaches a running daemon, which looks as if none were there."""
    if installation.token_file.exists() or not _answers(installation):
        return
    remedy = (
        "Put it back from the latest back-up, else type `./sanxiang drain`: the new daemon makes another. Calls go on."
    )
    yield Finding("operator.token", False, f"{installation.token_file} is gone: no command reaches the daemon", remedy)


def _answers(installation: Installation) -> bool:
    """Whether a daemon answers /health, which needs no key."""
    try:
        address = json.loads(installation.address_file.read_text())["url"]
        with urlopen(f"{address}/health", timeout=2):
            return True
    except HTTPError:
        return True  # 503: it answers, and is not well
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _clock(installation: Installation) -> Iterator[Finding]:
    """By the files of the journal: none of them can be of the future."""
    newest = max((each.stat().st_mtime for each in _segments(installation)), default=0.0)
    if (ahead := newest - time.time()) > AHEAD_S:
        found = f"this machine's clock was set back by {_span(ahead)} or more: the journal was last written at a time that is yet to come"
        yield Finding("clock", False, found, CLOCK_REMEDY)


def _lines(installation: Installation) -> Iterator[Finding]:
    """Damaged lines of the journal's newest segment."""
    for segment in _segments(installation)[-1:]:
        if segment.stat().st_size > READ_AT_MOST:
            return
        numbers = [line.number for line, _ in spool.lines(segment) if isinstance(line, spool.Damaged)]
        if numbers:
            found = f"{_counted(numbers)} of {segment} damaged, and passed over; all others count"
            remedy = (
                "Look at the disk (`dmesg`, `smartctl -a`). `./sanxiang db set-aside list` shows what stood there; take a back-up now "
                "(`./sanxiang backup`). Calls go on."
            )
            yield Finding("journal", False, found, remedy)


CLOCK_REMEDY = (
    "Let the clock be kept by NTP: `timedatectl set-ntp true`, or chrony. Calls go on, and the running hotline counts on by its own "
    "clock; once the machine's is right, `./sanxiang drain` takes it over without touching a call."
)


def _segments(installation: Installation) -> list[Path]:
    try:
        return spool.segments(installation.journal)
    except OSError:
        return []  # Told as missing.


def _counted(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:5])) + (" …" if len(numbers) > 5 else "")
    return f"line {shown} is" if len(numbers) == 1 else f"{len(numbers)} lines ({shown}) are"


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
