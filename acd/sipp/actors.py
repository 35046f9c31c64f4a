"""Callers and agents made of SIPp, with real sound: the cast of the demo, the call scenarios and the benches.

One `SippAgents` is a row of telephones that behave alike, in one process: they register, answer OPTIONS, ring, answer
(or decline, or are silent) and talk. One `SippCaller` is one caller, or many in a row (`calls`, `rate`): dials,
hears, keys, waits as long as the caller's patience lasts, or hangs up after so much time.

Every process lives in its own folder, whose scenario files hold the passwords (0600; never on a command line). Sound is
A-law RTP in both directions: a tone of its own pitch for callers and for agents, so that a recording can be told apart.
Keys go as RFC 4733 (2833) events in the sound, as SIP INFO, or in both ways. Nothing needs root.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from acd.files import write_private
from acd.sipp.scenarios import (
    AGENT_HZ,
    CALLER_HZ,
    Caller,
    KeysBy,
    Phone,
    caller_scenario,
    key_sounds,
    phone_scenario,
    register_scenario,
    sound,
)

__all__ = ["AGENT_HZ", "CALLER_HZ", "Caller", "KeysBy", "Phone", "Sipp", "SippAgents", "SippCaller"]


class Sipp:
    """One SIPp process in a folder of its own."""

    trace = True
    """Keep every SIP message in a file; a bench does without."""

    def __init__(self, sipp: Sequence[str], folder: Path | None = None) -> None:
        self.sipp = list(sipp)
        self.folder = folder or Path(tempfile.mkdtemp(prefix="sipp-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process: asyncio.subprocess.Process | None = None

    async def run(self, scenario: str, *args: str, name: str = "scenario", data: str = "") -> None:
        file = self.folder / f"{name}.xml"
        write_private(file, scenario, durable=False)
        if data:
            write_private(self.folder / f"{name}.csv", data, durable=False)
            args = (*args, "-inf", f"{name}.csv")
        argv = [*self.sipp, *args, "-sf", file.name, "-nostdin", "-trace_err", "-error_file", f"{name}.errors"]
        if self.trace:
            argv += ["-trace_msg", "-message_file", f"{name}.messages"]
        output = (self.folder / f"{name}.out").open("wb")
        try:
            self.process = await asyncio.create_subprocess_exec(
                *argv,
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "TERM": "dumb"},
            )
        finally:
            output.close()

    async def wait(self) -> int:
        """SIPp's exit status: 0 when every call went by its scenario."""
        assert self.process is not None
        return await self.process.wait()

    async def stop(self) -> None:
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.kill()
        await process.wait()

    def messages(self, name: str = "scenario") -> str:
        """All SIP messages sent and received so far."""
        file = self.folder / f"{name}.messages"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def errors(self, name: str = "scenario") -> str:
        file = self.folder / f"{name}.errors"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


class SippAgents:
    """A row of telephones that behave alike."""

    registers_per_s = 100

    def __init__(
        self,
        sipp: Sequence[str],
        agents: Mapping[str, str],
        phone: Phone,
        *,
        host: str,
        pbx_port: int,
        port: int,
        rtp_port: int,
        rtp_ports: int = 400,
        address: str = "127.0.0.1",
        folder: Path | None = None,
        hz: int = AGENT_HZ,
    ) -> None:
        """`agents` is extension to SIP password; `port` a free UDP port, `rtp_port` the first of `rtp_ports` free ones.

        `hz`: the tone that they hum.
        """
        self.agents, self.phone, self.hz = dict(agents), phone, hz
        self.host, self.pbx_port, self.port, self.address = host, pbx_port, port, address
        self.rtp_port, self.rtp_ports = rtp_port, rtp_ports
        self.uas = Sipp(sipp, folder)
        self._registrar = Sipp(sipp, self.uas.folder)

    async def start(self) -> None:
        """Registers and answers from then on. Raises RuntimeError when Asterisk did not take the registration.

        Registration comes first, from the same port: Asterisk believes the address that a packet came from.
        """
        sound(self.uas.folder / "agent.alaw", self.hz)
        key_sounds(self.uas.folder, self.phone.presses)
        if self.agents:  # a carrier, which is told by its address, registers nobody
            await self.register(3600)
        await self.answer()

    def scenario(self) -> str:
        """What SIPp plays for them."""
        return phone_scenario(self.phone)

    async def answer(self) -> None:
        """Starts the phones without registering them (again)."""
        await self.uas.run(
            self.scenario(),
            *("-i", self.address, "-p", str(self.port), "-mi", self.address, "-aa"),
            *("-min_rtp_port", str(self.rtp_port), "-max_rtp_port", str(self.rtp_port + self.rtp_ports - 2)),
            *(f"{self.host}:{self.pbx_port}",),
            name="agents",
            data="SEQUENTIAL\n" + "".join(f"{round(s * 1000)};\n" for s in self.phone.talks_s)
            if self.phone.talks_s
            else "",
        )

    async def register(self, expires_s: int) -> None:
        """Registers all; 0 takes them off. Not while they answer: the port is one."""
        rows = "SEQUENTIAL\n" + "".join(f"{agent};{password}\n" for agent, password in self.agents.items())
        users = str(len(self.agents))
        # On a busy machine a REGISTER is repeated, and SIPp gives up on the second challenge to the first one.
        for _ in range(2):
            await self._registrar.run(
                register_scenario(self.address, self.port, expires_s),
                *(
                    "-i",
                    self.address,
                    "-p",
                    str(self.port),
                    "-m",
                    users,
                    "-r",
                    str(self.registers_per_s),
                    "-timeout",
                    "20s",
                    f"{self.host}:{self.pbx_port}",
                ),
                name="register",
                data=rows,
            )
            if await self._registrar.wait() == 0:
                return
        raise RuntimeError(f"The agents could not register: {self._registrar.errors('register')}")

    def freeze(self) -> None:
        """The phones vanish from the net in the middle of whatever they do: no BYE, no RTP, no answer."""
        assert self.uas.process is not None
        self.uas.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.uas.process is not None
        self.uas.process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        await self._registrar.stop()
        await self.uas.stop()

    def invites(self) -> list[str]:
        """The INVITEs received, whole; one each, without repetitions."""
        found: dict[str, str] = {}
        for block in re.split(r"^-{10,}.*$", self.uas.messages("agents"), flags=re.M):
            if "message received" in block and (at := block.find("INVITE sip:")) >= 0:
                message = block[at:]
                call_id = re.search(r"^Call-ID:\s*(\S+)", message, re.M | re.I)
                found.setdefault(call_id[1] if call_id else message, message)
        return list(found.values())


class SippCaller:
    """One caller, or `calls` of them at `rate` a second."""

    def __init__(
        self,
        sipp: Sequence[str],
        caller: Caller,
        *,
        host: str,
        pbx_port: int,
        port: int,
        rtp_port: int,
        rtp_ports: int = 400,
        address: str = "127.0.0.2",
        calls: int = 1,
        rate: float = 1.0,
        rows: Sequence[Sequence[str]] = (),
        folder: Path | None = None,
        keys_by: KeysBy = "event",
        hz: int = CALLER_HZ,
    ) -> None:
        """`address` must be one that the trunk is identified by. `rows` fill [field0], [field1] … call by call."""
        self.caller, self.calls, self.rate, self.rows, self.hz = caller, calls, rate, rows, hz
        self.host, self.pbx_port, self.port, self.address = host, pbx_port, port, address
        self.rtp_port, self.rtp_ports = rtp_port, rtp_ports
        self.keys_by = keys_by
        self.uac = Sipp(sipp, folder)

    async def start(self) -> None:
        sound(self.uac.folder / "caller.alaw", self.hz)
        key_sounds(self.uac.folder, self.caller.keys)
        data = "SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in self.rows) if self.rows else ""
        await self.uac.run(
            caller_scenario(self.caller, self.keys_by),
            *("-i", self.address, "-p", str(self.port), "-mi", self.address, "-aa"),
            *("-min_rtp_port", str(self.rtp_port), "-max_rtp_port", str(self.rtp_port + self.rtp_ports - 2)),
            # Without -l SIPp holds as few calls at once as rate and scenario length would need, and it knows no length.
            *(
                "-m",
                str(self.calls),
                "-l",
                str(self.calls),
                "-r",
                str(max(1, round(self.rate * 1000))),
                "-rp",
                "1000000",
            ),
            *("-recv_timeout", "300000", f"{self.host}:{self.pbx_port}"),
            name="caller",
            data=data,
        )

    async def wait(self) -> int:
        """Exit status 0: every call was answered by the hotline and ended as planned, by either side."""
        return await self.uac.wait()

    async def hang_up(self) -> None:
        """All calls of this caller end with a BYE (SIPp's orderly end); then the process ends."""
        process = self.uac.process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGUSR1)
            await asyncio.sleep(0)

    async def stop(self) -> None:
        await self.uac.stop()
