"""The processes of the product as `up` starts them, and what they say: API, health, Asterisk's console, logs, command line."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

import aiohttp

from acd.cache import cache_folder
from acd.config.versions import Texts
from acd.pbx.install.ports import free_port
from acd.pbx.install.runtime import ensure_pbx
from acd.processes.child import Child
from acd.processes.log_files import Bounds
from acd.processes.supervisor import Supervisor
from acd.processes.up import children
from acd.setup.brand_prompts import speak_brands
from acd.setup.installation import Installation
from acd.setup.prepare import decide
from acd.store.embedded import EmbeddedPostgres
from acd.store.store import Store
from ivr.voice import make as make_prompts
from tests.calls.support.call_log import CallLog
from tests.calls.support.config_text import AGENT, CONFIG
from tests.support import asterisk_console
from tests.support.audio import tone
from tests.support.network import TRUNK_ADDRESS
from tests.support.processor_waits import ProcessorWaits
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import eventually

BRISK_PROMPTS = (
    *("recording-notice", "welcome", "choose-language", "menu-main", "invalid-key", "no-key"),
    *("closed", "unstaffed", "wait-or-leave", "please-wait", "position", "position-end", "goodbye"),
    *("whisper-orders", "whisper-after-sales", "whisper-complaints", "whisper-general"),
    *("agent-enter-pin", "agent-wrong-pin", "agent-logged-in", "agent-locked", "agent-done"),
    *("agent-wrong-code", "agent-code-refused", "agent-code-not-now"),
)


class Person(Protocol):
    """A telephone or a caller, in whatever program it is made."""

    async def stop(self) -> None: ...


class SystemProcesses:
    RTP_PORTS = 800
    """For Asterisk; a call between a caller and an agent takes four."""

    def __init__(
        self,
        folder: Path,
        agents: Sequence[str] = ("1001", "1002", "1003"),
        *,
        ring_s: float = 5,
        wrap_up_s: float = 0,
        recordings: Path | None = None,
        more: str = "",
        brisk: bool = False,
        short_prompts: Collection[str] = (),
        carrier: bool = False,
    ) -> None:
        """`ring_s`: length of a ring; a scenario that needs no three real rings may shorten it. `more`: TOML.

        `brisk`: notice, menu, waiting words, whisper and so on are short tones, for a scenario that tells of what comes after;
        and `short_prompts` beside them. It may put prompts of its own into `folder`/prompts before.
        `carrier`: calls to the outside go to a port where `FullSystem.carrier` may answer; without it there is no way out.
        """
        self.agents = list(agents)
        self.folder = folder
        self.installation = Installation.at(folder / "state")
        self.config_file = folder / "sanxiang.toml"
        text = CONFIG.format(ring_s=ring_s, wrap_up_s=wrap_up_s, trunk=TRUNK_ADDRESS, rtp_end=10000 + self.RTP_PORTS)
        if recordings is not None:
            text = text.replace("[recordings]\n", f'[recordings]\nfolder = "{recordings}"\n')
        self.carrier_port = free_port("udp", TRUNK_ADDRESS) if carrier else 0
        if carrier:
            # Not asked by OPTIONS: in most scenarios nobody is there yet, and a trunk that does not answer is no health.
            outbound = f'[trunks.carrier]\noutbound = "{TRUNK_ADDRESS}:{self.carrier_port}"\nqualify_s = 0\n'
            text = text.replace("[trunks.carrier]\n", outbound)
        self.config_file.write_text(text + "".join(AGENT.format(agent=agent) for agent in agents) + more, "utf-8")
        self.database = EmbeddedPostgres(folder / "postgresql")
        self.database_at_start = True
        """False: it is stopped before the processes are started."""
        self.log = CallLog(self.installation)
        self.people: list[Person] = []
        self.brisk, self.short_prompts = brisk, short_prompts
        self.leftovers_matter = True
        """A scenario that ends with the system broken on purpose may set this to False."""
        self.log_bounds = Bounds()
        """Of each log."""
        self.page_folder: Path | None = None
        """The built page (`build_page`), set before the start; None: the daemon serves its API alone."""
        self.ami_proxy: TcpProxy | None = None
        """Stands between daemon and Asterisk when it is set before the start."""
        self.processor_waits = ProcessorWaits()
        self.at_start: list[Callable[[list[Child]], list[Child]]] = []
        """Called with the processes before they start: may change rendered files and processes, or leave some away."""

    async def __aenter__(self) -> Self:
        self.processor_waits.start()
        url = await asyncio.to_thread(self.database.start)
        self.pbx = await asyncio.to_thread(ensure_pbx)
        texts = Texts.read(self.config_file)
        config = texts.checked(self.config_file)
        sounds = await asyncio.to_thread(
            make_prompts,
            self.pbx.tool("espeak-ng"),
            self.installation.state / "sounds",
            cache_folder() / "prompts",
            self._short_prompts() if self.brisk else None,
        )
        speak_brands(self.pbx.tool("espeak-ng"), config, sounds)
        at = config.database.url or url
        self.prepared = decide(self.installation, texts, self.config_file, at, self.pbx, sounds, self.page_folder)
        made = children(self.installation, config, self.prepared)
        self.programs = {child.name: child.argv for child in made}
        """What each process runs, whatever a scenario lets it run meanwhile."""
        for child in made:
            child.back_off_s = (0.1,)  # many kills in a minute are no crash loop here: each is a first one
        for change in self.at_start:
            made = change(made)
        if self.ami_proxy is not None:
            # Asterisk's files are rendered by now: from here on the daemon alone reads the port.
            self.ami_proxy.target = self.prepared.ami_port
            replace(self.prepared, ami_port=self.ami_proxy.port).keep(self.installation)
        if not self.database_at_start:
            self.database.stop()
        self.parts: dict[str, Child] = {child.name: child for child in made}
        self.supervisor = Supervisor(list(self.parts.values()))
        self.supervisor.logs.bounds = self.log_bounds
        self._running = asyncio.create_task(self.supervisor.run(), name="supervisor")
        if "daemon" in self.parts:
            await self.serving()
        self.store = await Store.open(url)
        return self

    def _short_prompts(self) -> Path:
        own = self.folder / "prompts"
        for language in ("zh", "en"):
            for prompt in (*BRISK_PROMPTS, *self.short_prompts):
                if not (own / language / f"{prompt}.wav").exists():
                    tone(own / language / f"{prompt}.wav", 500, 0.3)
        return own

    async def serving(self) -> None:
        """Waits until the system says that all is well; of one without a database, that calls are served."""
        await self.well(*(("pbx", "stories") if not self.database_at_start else ()))

    async def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """HTTP status and JSON of what the API answers the operator; asked again when it was asked too often."""
        headers = {"Authorization": f"Bearer {self.installation.token()}"}
        while True:
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.request(method, self.prepared.web_url + path, json=body) as answer,
            ):
                said = await answer.json(content_type=None)
                if answer.status != 429:
                    return answer.status, said
            await asyncio.sleep(0.2)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers the operator, granted or refused."""
        return (await self.request(method, path, body))[1]

    async def state(self) -> Any:
        """Queues, calls and agents at this moment, as the page sees them."""
        return await self.ask("GET", "/api/state")

    async def checks(self) -> dict[str, bool]:
        """What /health says of each part; nothing while the daemon is away."""
        try:
            said = await self.ask("GET", "/health")
            return {check["name"]: check["up"] for check in said.get("checks", [])}
        except (aiohttp.ClientError, OSError, TimeoutError):
            return {}

    async def well(self, *names: str) -> None:
        """Waits until /health says so of these checks; of all when none is named."""

        async def up() -> bool:
            checks = await self.checks()
            return bool(checks) and all(checks[name] for name in names or checks)

        try:
            await eventually(up, f"the health of {', '.join(names) or 'all parts'}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {await self.checks()}\n{self.log.report()}") from None

    async def calls(self) -> dict[str, Any]:
        """The page's rows of the calls that there are, by call."""
        return {row["call"]: row for row in (await self.state())["calls"]}

    async def stages(self, *wanted: str) -> dict[str, Any]:
        """Waits until the calls that there are stand so (in any order); their rows, by call."""

        async def found() -> dict[str, Any] | None:
            calls = await self.calls()
            return calls if sorted(row["stage"] for row in calls.values()) == sorted(wanted) else None

        try:
            return await eventually(found, f"calls {wanted}")  # type: ignore[no-any-return]
        except AssertionError as late:
            raise AssertionError(f"{late}; there are {await self.calls()}\n{self.log.report()}") from None

    async def position(self, call: str) -> int | None:
        """The call's place in its queue as the page shows it; None when the call is not there."""
        row = (await self.calls()).get(call)
        return None if row is None else row["position"]

    async def agent(self, agent: str) -> Any:
        """The agent's row as the page sees it."""
        return next(row for row in (await self.state())["agents"] if row["agent"] == agent)

    async def reachable(self, agent: str) -> bool:
        return bool((await self.agent(agent))["reachable"])

    async def cli(self, command: str) -> str:
        """What Asterisk's own console says: the tests' eye, which the daemon has not."""
        return await asterisk_console.ask(self.installation.run / "asterisk" / "control" / "asterisk.ctl", command)

    async def channels(self) -> list[list[str]]:
        """Asterisk's own list: of each channel its name, context, …, at last its bridge and its unique id."""
        text = await self.cli("core show channels concise")
        return [line.split("!") for line in text.splitlines() if line.count("!") > 10]

    async def callers_in(self, context: str) -> int:
        """Callers whose channel stands in this context of the dialplan."""
        return sum(1 for row in await self.channels() if row[1] == context)

    async def talks_of(self, agent: str) -> int:
        """How many conversations this agent's phone is in, by Asterisk's own list."""
        rows = await self.channels()
        return sum(1 for row in rows if row[0].startswith(f"PJSIP/{agent}-") and row[4] == "Up" and row[-2])

    def said(self, part: str) -> str:
        """What the process has written to its log."""
        return (self.installation.log / f"{part}.log").read_text("utf-8", "replace")

    async def sanxiang(self, *words: str) -> tuple[int, str, str]:
        """Exit status, output and complaints of our command line, run as the operator runs it, against this system."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "acd.cli", *words, "--state", str(self.installation.state)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[4],
            env={**os.environ, "COLUMNS": "200"},
        )
        output, complaints = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode(), complaints.decode()

    def signal(self, part: str, number: signal.Signals) -> int:
        """Sends a signal to asterisk, stories or daemon; its process id."""
        process = self.parts[part].process
        assert process is not None
        os.kill(process.pid, number)
        return process.pid
