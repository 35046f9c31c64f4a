"""Sound files by a real Asterisk: closed in order, and left open by its death."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from acd.engine.events import AlarmRaised, Event, RecordingFiled
from acd.pbx.install.runtime import Pbx, ensure_pbx
from acd.store.journal.legs import LegDue
from recordings import checks, wav
from recordings.filing import Filing
from tests.support.recorded_sound import hears, stretches
from tests.support.recording_files import left_over, speech, tone_samples, write
from tests.support.waiting import eventually_blocking

MODULES = (
    "pbx_config app_dial app_mixmonitor app_playback app_chanspy func_cut func_groupcount func_uri func_periodic_hook "
    "func_channel format_wav codec_ulaw bridge_simple res_clioriginate res_timing_timerfd"
)
# Each caller's extension is his offer. He is recorded as [connect] does it; the caller speaks noise, the agent a tone. When
# his agent is taken away he is on hold; `consult`, `holding` and `join` are what a taking back has of [consult], [holding]
# and [join].
DIALPLAN = """
[t]
exten => _c.,1,Answer()
 same => n,MixMonitor({root}/live/${{EXTEN}}.wav,bi(MIXID)r({root}/live/${{EXTEN}}-caller.wav)t({root}/live/${{EXTEN}}-agent.wav))
 same => n,Dial(Local/agent@t/n,,g)
 same => n,GotoIf($["${{AGENT}}" = ""]?over)
 same => n,Wait(600)
 same => n(over),StopMixMonitor(${{MIXID}})
exten => join,1,Bridge(${{AGENT}},x)
 same => n,StopMixMonitor()
exten => consult,1,MixMonitor({root}/live/c1-k2.wav,bi(MIXID)r({root}/live/c1-k2-caller.wav)t({root}/live/c1-k2-agent.wav))
 same => n,Dial(Local/receiver@t/n,,g)
exten => holding,1,StopMixMonitor()
 same => n,Wait(600)
exten => agent,1,Answer()
 same => n,Playback({root}/agent)
exten => receiver,1,Answer()
 same => n,Playback({root}/receiver)
exten => caller,1,Answer()
 same => n,Playback({root}/caller)
"""


AGENT_HZ, RECEIVER_HZ = 440, 530


@dataclass
class Exchange:
    """An Asterisk of this test's own."""

    pbx: Pbx
    root: Path
    process: subprocess.Popen[bytes]

    def cli(self, line: str) -> str:
        asked = [*self.pbx.asterisk, "-C", str(self.root / "asterisk.conf"), "-rx", line]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout

    def call(self, offer: str) -> None:
        self.cli(f"channel originate Local/{offer}@t/n extension caller@t")

    def channel(self, extension: str, half: int) -> str:
        """Of the caller half 2 is he, of an agent half 1: the other half is his mouth."""
        listed = [each.split("!")[0] for each in self.cli("core show channels concise").splitlines()]
        (found,) = [each for each in listed if each.startswith(f"Local/{extension}@") and each.endswith(f";{half}")]
        return found

    def side(self, offer: str) -> wav.Shape | None:
        return wav.shape(self.root / "live" / f"{offer}-caller.wav")

    def held(self, offer: str) -> int:
        found = self.side(offer)
        return found.held if found else 0


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    pbx = ensure_pbx(tools=())
    root = Path(tempfile.mkdtemp(prefix="sxr-"))  # short: a control socket's path has an end
    folders = dict.fromkeys(("etc", "varlib", "db", "key", "agi", "spool", "run", "log"), root)
    lines = [f"ast{name}dir => {folder}" for name, folder in folders.items()]
    lines += [f"astmoddir => {pbx.moddir}", f"astdatadir => {pbx.datadir}"]
    (root / "asterisk.conf").write_text("[directories]\n" + "\n".join(lines) + "\n")
    (root / "modules.conf").write_text(
        "[modules]\nautoload=no\n" + "".join(f"load={each}.so\n" for each in MODULES.split())
    )
    (root / "extensions.conf").write_text(DIALPLAN.format(root=root))
    (root / "live").mkdir()
    write(root / "caller.wav", speech(60))
    write(root / "agent.wav", tone_samples(60, AGENT_HZ))
    write(root / "receiver.wav", tone_samples(60, RECEIVER_HZ))
    process = subprocess.Popen(
        [*pbx.asterisk, "-C", str(root / "asterisk.conf"), "-f"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    made = Exchange(pbx, root, process)
    eventually_blocking(lambda: "fully booted" in made.cli("core waitfullybooted").lower())
    yield made
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        shutil.rmtree(root)


def test_a_leg_recorded_by_asterisk_is_filed_whole_and_one_cut_by_its_death_as_far_as_it_goes(
    exchange: Exchange,
) -> None:
    told: list[Event] = []
    filing = Filing(exchange.root, told.append, 0, close_within_s=3)
    exchange.call("c1-1")
    eventually_blocking(lambda: exchange.held("c1-1") > 40_000)
    open_file = exchange.side("c1-1")
    assert open_file is not None and open_file.said == 0 and not open_file.sealed
    # Told too early, as when the agent's channel leaves first: the clerk waits until Asterisk has closed the files.
    filing.leg_ended(LegDue("c1", "c1-1", None, datetime.now(UTC), "1001"))
    assert not filing.settle(1.0) and told == []
    exchange.cli("channel request hangup all")
    assert filing.settle(60)
    (filed,) = [each for each in told if isinstance(each, RecordingFiled)]
    assert filed.reason == "how long they talked is not known" and filed.silent == "" and filed.seconds > 2.5
    content = (exchange.root / filed.path).read_bytes()[44:]
    caller, agent = np.frombuffer(content, "<i2").reshape(-1, 2).T
    # The caller's noise is on the left, the agent's tone on the right: one frequency holds all of it.
    spectrum = [np.abs(np.fft.rfft(side[8000:16000].astype(float))) for side in (caller, agent)]
    assert spectrum[1].argmax() == 440 and spectrum[1].max() > 100 * np.median(spectrum[1])
    assert spectrum[0].max() < 20 * np.median(spectrum[0])

    told.clear()
    exchange.call("c2-1")
    eventually_blocking(lambda: exchange.held("c2-1") > 40_000)
    held_s = exchange.held("c2-1") / 16000
    exchange.process.kill()
    exchange.process.wait()
    filing.leg_ended(LegDue("c2", "c2-1", held_s + 1.5, datetime.now(UTC), "1001"))
    assert filing.settle(60)
    (cut,) = [each for each in told if isinstance(each, RecordingFiled)]
    assert not cut.complete and "never closed (Asterisk was killed)" in cut.reason
    assert cut.seconds >= held_s and cut.sha256 and checks.length_fault(cut.seconds, held_s + 1.5) in cut.reason
    assert [each.name for each in told if isinstance(each, AlarmRaised)] == ["recording incomplete"]
    assert left_over(exchange.root) == []
    filing.close()


def test_taken_back_the_callers_file_goes_on_without_the_hold_and_the_consults_ends_with_the_consult(
    exchange: Exchange,
) -> None:
    told: list[Event] = []
    filing = Filing(exchange.root, told.append, 0, close_within_s=3)
    exchange.call("c1-1")
    eventually_blocking(lambda: exchange.held("c1-1") > 30_000)
    caller, agent = exchange.channel("c1-1", 2), exchange.channel("agent", 1)
    exchange.cli(f"dialplan set global AGENT {agent}")
    exchange.cli(f"channel redirect {agent} t,consult,1")
    eventually_blocking(lambda: exchange.held("c1-k2") > 90_000)
    before = exchange.held("c1-1")
    # First his recorder is stopped, which would else go on in the talk with the caller.
    exchange.cli(f"channel redirect {agent} t,holding,1")
    eventually_blocking(lambda: (side := exchange.side("c1-k2")) is not None and side.sealed)
    exchange.cli(f"channel redirect {caller} t,join,1")
    eventually_blocking(lambda: exchange.held("c1-1") > before + 60_000)
    exchange.cli("channel request hangup all")
    filing.leg_ended(LegDue("c1", "c1-k2", None, datetime.now(UTC), "1002", first="1001"))
    filing.leg_ended(LegDue("c1", "c1-1", None, datetime.now(UTC), "1001"))
    assert filing.settle(60)
    legs = {each["offer"]: each for each in filing.manifest("c1")["legs"]}
    talked, consulted = (exchange.root / legs[offer]["file"] for offer in ("c1-1", "c1-k2"))
    assert hears(talked, AGENT_HZ, "right") and len(stretches(talked, AGENT_HZ, "right")) == 1
    assert stretches(talked, RECEIVER_HZ, "left") == stretches(talked, RECEIVER_HZ, "right") == []
    assert hears(consulted, AGENT_HZ, "left") and hears(consulted, RECEIVER_HZ, "right")
    assert stretches(consulted, AGENT_HZ, "right") == []
    assert [each.name for each in told if isinstance(each, AlarmRaised)] == [
        "recording incomplete"
    ] * 2  # no times told
    assert left_over(exchange.root) == []
    filing.close()
