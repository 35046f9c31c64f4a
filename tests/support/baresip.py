"""An agent's softphone: baresip as a program of its own, driven by a test as a person's finger would.

    amy = await Baresip.started(asterisk, "1001", "password-1001", pbx_port=5060, folder=tmp_path)
    await amy.rings()                     # an INVITE is there: what its display shows
    await amy.answer()
    await amy.hold()                      # by re-INVITE, as its hold key does
    await amy.resume()
    await amy.keys("*8")                  # as RFC 4733 events
    await amy.refer("1002*3")             # blind: REFER; Asterisk's answer, as "202 Accepted"
    await amy.dial("1002")                # a second line, the first on hold
    await amy.established(line=2)
    await amy.refer_attended()            # line 1 takes the place of line 2: REFER with Replaces; Asterisk's answer
    await amy.hang_up(line=2)             # or the current line
    await amy.decline()                   # what rings
    await amy.lines()                     # {1: "ESTABLISHED (on hold)", 2: "EARLY"}
    await amy.stop()                      # as by a power cut
    amy.freeze(), amy.thaw()              # gone from the net, and back

Every phone lives in a folder of its own, with its password in a 0600 file. It speaks with a tone (`hz`, a sine that never
ends before two minutes), so that a recording tells who it was; `heard()` are WAV files of what its lines have heard, one for
each, complete once the line has ended. Lines are counted 1, 2, … as they begin; the number of one that has ended is given again.

baresip 1.1.0 has no attended transfer of its own. `refer_attended` has it send the Refer-To that its successors write, with
the tags of the second line from its own SIP trace; `replaces` lets a test forge them.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from pathlib import Path
from typing import Any, Self

from acd.pbx.install.ports import free_port, free_rtp_range
from acd.pbx.install.runtime import Pbx as Asterisk
from tests.support.audio import tone
from tests.support.waiting import eventually

TONE_S = 120.0
"""So long the microphone sounds."""

_CONFIG = """
poll_method epoll
sip_listen {address}:{sip_port}
sip_trans_def {transport}
sip_verify_server no
net_interface {address}
audio_player aubridge,nobody
audio_source aufile,{microphone}
audio_alert aubridge,alert
snd_path {heard}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_buffer 20-160
rtp_ports {rtp_first}-{rtp_last}
rtp_timeout 0
call_local_timeout 600
call_max_calls 4
call_hold_other_calls yes
module_path {modules}
module g711.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
module_app debug_cmd.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"\[line (\d+), id (\S+)\]\s+\S+\s+(\S+(?: +\(on hold\))?)")


class Baresip:
    def __init__(self, agent: str, folder: Path, pbx_port: int) -> None:
        self.agent, self.folder, self.pbx_port = agent, folder, pbx_port
        self.events: list[dict[str, Any]] = []
        """What baresip has told: `type` is CALL_INCOMING, CALL_RINGING, CALL_ESTABLISHED, CALL_CLOSED, TRANSFER_FAILED, …"""
        self.process: asyncio.subprocess.Process | None = None
        self._answers: dict[str, dict[str, Any]] = {}
        self._asked = 0
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    async def started(
        cls,
        asterisk: Asterisk,
        agent: str,
        password: str,
        *,
        pbx_port: int,
        folder: Path,
        hz: int = 440,
        address: str = "127.0.0.1",
        transport: str = "udp",
        encryption: str = "",
    ) -> Self:
        """Registered at 127.0.0.1:`pbx_port` and ready to ring.

        `transport`: udp, tcp or tls. `encryption` of its sound: "srtp" takes it, "srtp-mand" takes nothing else.
        """
        (folder / "sound").mkdir(parents=True, exist_ok=True)
        phone = cls(agent, folder, pbx_port)
        control_port = free_port("tcp")
        first, last = free_rtp_range(address, 40)
        tone(folder / "microphone.wav", hz, TONE_S)
        config = _CONFIG.format(
            address=address,
            transport=transport,
            # baresip takes the next port as well, for SIP over TLS.
            sip_port=free_port("udp", address, count=2),
            heard=folder / "sound",
            microphone=folder / "microphone.wav",
            rtp_first=first,
            rtp_last=last,
            modules=asterisk.baresip_modules,
            control_port=control_port,
        )
        more = f";mediaenc={encryption}" if encryption else ""
        account = f"<sip:{agent}@127.0.0.1:{pbx_port};transport={transport}>;auth_pass={password};answermode=manual;regint=60{more}\n"
        for name, text in (("config", config), ("accounts", account), ("contacts", "")):
            file = folder / name
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
            file.write_text(text, "utf-8")
        with (folder / "trace").open("wb") as trace:
            phone.process = await asyncio.create_subprocess_exec(
                *(*asterisk.tool("baresip"), "-f", str(folder), "-s", "-v"),
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=trace,
                stderr=trace,
                env={**os.environ, "TERM": "dumb"},
            )
        await eventually(lambda: phone._connect(control_port), f"the control port of {agent}'s softphone")
        await eventually(phone._registered, f"the registration of {agent}'s softphone")
        return phone

    # --- the finger ---

    async def rings(self, count: int = 1) -> str:
        """What the display shows of the `count`th call that has come in, once it rings."""
        event = await self.until("CALL_INCOMING", count)
        return str(event.get("peerdisplayname") or event["peeruri"])

    async def answer(self) -> None:
        """Picks up what rings; another line goes on hold by itself."""
        before = len(self.of("CALL_ESTABLISHED"))
        await self.command("accept")
        await self.until("CALL_ESTABLISHED", before + 1)

    async def decline(self) -> None:
        """Does not want what rings (it is the current line)."""
        await self.command("hangup")

    async def hold(self) -> None:
        await self._choose()
        await self.command("hold")
        await eventually(lambda: self._current_is_held(True), f"{self.agent}'s hold")

    async def resume(self) -> None:
        await self._choose()
        await self.command("resume", may_fail=True)  # It says "Invalid argument", and has done it.
        await eventually(lambda: self._current_is_held(False), f"{self.agent}'s retrieval")

    async def keys(self, keys: str, pause_s: float = 0.25, line: int = 0) -> None:
        """Keys on this line, or the current one, at a person's pace."""
        await self._choose(line)
        for key in keys:
            await self.command("sndcode", key)
            await asyncio.sleep(pause_s)

    async def refer(self, to: str, *, domain: str = "", line: int = 0) -> str:
        """The transfer key: sends the current line's other side to this number. Asterisk's answer."""
        await self._choose(line)
        return await self._refer(f"sip:{to}@{domain or f'127.0.0.1:{self.pbx_port}'}")

    async def dial(self, number: str, hold: bool = True) -> None:
        """A new line, which is the current one from now on; returns once Asterisk has answered in any way. The line that
        he has is put on hold before, as softphones do; left to itself, baresip does so when the new one is answered."""
        if hold and any(state == "ESTABLISHED" for state in (await self.lines()).values()):
            await self.hold()
        seen = len(self.invites())
        await self.command("dial", f"sip:{number}@127.0.0.1:{self.pbx_port}")
        await eventually(lambda: len(self.invites()) > seen and self.invites()[-1][2], f"an answer to {self.agent}")

    async def established(self, line: int) -> None:
        await eventually(lambda: self._is(line, "ESTABLISHED"), f"an answer on line {line} of {self.agent}")

    async def refer_attended(self, *, line: int = 1, replaces: str = "") -> str:
        """Hands whom line `line` holds over to whoever the newest outgoing line has. Asterisk's answer."""
        call_id, mine, theirs = self.invites()[-1] if not replaces else ("", "", "")
        replaces = replaces or f"{call_id};to-tag={theirs};from-tag={mine}"
        await self._choose(line)
        quoted = replaces.replace(";", "%3B").replace("=", "%3D").replace("@", "%40")
        return await self._refer(f"<sip:{self.agent}@127.0.0.1:{self.pbx_port}?Replaces={quoted}>")

    async def hang_up(self, line: int = 0) -> None:
        await self._choose(line)
        await self.command("hangup")

    async def lines(self) -> dict[int, str]:
        """Line to its state."""
        text = await self.command("listcalls", may_fail=True)
        return {int(number): " ".join(state.split()) for number, _, state in _LINE.findall(text)}

    # --- what it has seen ---

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("type") == kind]

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The `count`th event of this type, waited for."""
        try:
            return (await eventually(lambda: self.of(kind)[count - 1 :]))[0]  # type: ignore[no-any-return]
        except AssertionError:
            raise AssertionError(f"{self.agent}'s softphone told no {kind}: {self.events}") from None

    def heard(self) -> list[Path]:
        """What the agent has heard, a WAV file for each line, oldest first."""
        return sorted((self.folder / "sound").glob("*-dec.wav"))

    def trace(self) -> str:
        """Its SIP messages, sent and received, and its own words."""
        return _COLOURS.sub("", (self.folder / "trace").read_text("utf-8", "replace"))

    def messages(self) -> list[str]:
        """Its SIP messages in order, whole."""
        return [block.partition("\n")[2] for block in self.trace().split("\n#\n")[1:]]

    def invites(self) -> list[tuple[str, str, str]]:
        """Of each line that it dialled: Call-ID, its own tag, and Asterisk's, which is empty until there is an answer."""
        found: dict[str, tuple[str, str, str]] = {}
        for message in self.messages():
            if (call_id := _header("Call-ID", message)) and re.search(r"(?m)^CSeq: \d+ INVITE", message):
                mine, theirs = _tag("From", message), _tag("To", message)
                if message.startswith("INVITE") and not theirs:
                    found.setdefault(call_id, (call_id, mine, ""))
                elif (
                    call_id in found and found[call_id][1] == mine and theirs and not message.startswith("SIP/2.0 401")
                ):
                    found[call_id] = (call_id, mine, theirs)
        return list(found.values())

    # --- the program ---

    async def command(self, command: str, params: str = "", may_fail: bool = False) -> str:
        """What baresip answers to one of its own commands; AssertionError when it says no."""
        assert self._writer is not None
        self._asked += 1
        token = f"t{self._asked}"
        asked = json.dumps({"command": command, "params": params, "token": token}).encode()
        self._writer.write(b"%d:%s," % (len(asked), asked))
        answer = await eventually(lambda: self._answers.pop(token, None), f"an answer of {self.agent} to {command}")
        assert answer["ok"] or may_fail, (command, params, answer)
        return _COLOURS.sub("", str(answer.get("data", "")))

    def freeze(self) -> None:
        """Gone from the net in the middle of whatever it does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        """The program is killed, as by a power cut; calls that it had are left to Asterisk."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            await self.process.wait()
        if self._writer is not None:
            self._writer.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _connect(self, port: int) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, self.trace()
        try:
            reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        self._reader = asyncio.get_running_loop().create_task(self._read(reader), name=f"softphone {self.agent}")
        return True

    async def _registered(self) -> bool:
        # The event may have come before anybody listened.
        return bool(re.search(r"\sOK\s", await self.command("reginfo")))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Netstrings of JSON: events, and answers to commands."""
        try:
            while True:
                size = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(size + 1))[:-1])
                if message.get("response"):
                    self._answers[message.get("token", "")] = message
                else:
                    self.events.append(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    async def _refer(self, target: str) -> str:
        sent = len(self._referred())
        await self.command("transfer", target)
        return (await eventually(lambda: self._referred()[sent:], f"an answer to the REFER of {self.agent}"))[0]  # type: ignore[no-any-return]

    def _referred(self) -> list[str]:
        """Asterisk's answers to REFER."""
        answers = (re.match(r"SIP/2\.0 (\d+ .*)(?s:.*)^CSeq: \d+ REFER", each, re.M) for each in self.messages())
        return [answer[1].strip() for answer in answers if answer]

    async def _current_is_held(self, held: bool) -> bool:
        text = await self.command("listcalls", may_fail=True)
        current = [line for line in text.splitlines() if line.startswith(">")]
        return bool(current) and ("(on hold)" in current[0]) is held

    async def _choose(self, line: int = 0) -> None:
        """Makes this line the current one; 0: the current one, or the first that is left. (Once a line has ended, baresip
        still marks another as current and knows of none; `line` then knows none either.)"""
        text = await self.command("listcalls", may_fail=True)
        ids = {int(number): call_id for number, call_id, _ in _LINE.findall(text)}
        marked = next((int(number) for number in re.findall(r"(?m)^>.*?\[line (\d+)", text)), 0)
        await self.command("callfind", ids[line or marked or min(ids)])

    async def _is(self, line: int, state: str) -> bool:
        return (await self.lines()).get(line, "").startswith(state)


def _header(name: str, message: str) -> str:
    found = re.search(rf"(?mi)^{name}: *(\S+)", message)
    return found[1] if found else ""


def _tag(name: str, message: str) -> str:
    found = re.search(rf"(?mi)^{name}:.*;tag=([^\s;]+)", message)
    return found[1] if found else ""
