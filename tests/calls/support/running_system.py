"""The processes of the product as `up` starts them, the people who telephone, and what is left over when a scenario is over.

On the way out it is looked at whether anything was left: channels, bridges, live sound, calls in the engine, rows that
PostgreSQL lacks. Waits are for conditions; their deadline is against hanging only. Scenarios use `FullSystem`
(full_system.py), which is this with its faults, leaders, carrier and transfers.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp

from acd.cache import cache_folder
from acd.config.versions import Texts
from acd.engine.commands import Kind, Outcome
from acd.pbx.install.ports import free_port
from acd.pbx.install.runtime import ensure_pbx
from acd.processes.log_files import Bounds
from acd.processes.supervisor import Child, Supervisor
from acd.processes.up import children
from acd.setup.installation import Installation
from acd.setup.prepare import decide
from acd.sipp.actors import Caller, KeysBy, Phone, SippAgents, SippCaller
from acd.store.embedded import EmbeddedPostgres
from acd.store.store import Store
from ivr.voice import make as make_prompts
from tests.calls.support.call_log import CallLog
from tests.calls.support.config_text import AGENT, CONFIG
from tests.calls.support.tcp_proxy import TcpProxy
from tests.support.audio import tone
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

KEY_AFTER_S = 5.2
"""The notice of recording is over by then, and the menu hears keys."""


BRISK_PROMPTS = (
    *("recording-notice", "welcome", "choose-language", "menu-main", "invalid-key", "no-key"),
    *("closed", "unstaffed", "wait-or-leave", "please-wait", "position", "position-end", "goodbye"),
    *("whisper-orders", "whisper-after-sales", "whisper-complaints", "whisper-general"),
    *("agent-enter-pin", "agent-wrong-pin", "agent-logged-in", "agent-locked", "agent-done"),
)
BRISK_KEY_AFTER_S = 1.5


def orders(stays_s: float = 120.0, **more: Any) -> Caller:
    """Dials the Chinese number and keys 1: queue `orders`."""
    return Caller("95001", keys="1", keys_after_s=KEY_AFTER_S, stays_s=stays_s, **more)


class Person(Protocol):
    """A telephone or a caller, in whatever program it is made."""

    async def stop(self) -> None: ...


class RunningSystem:
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
        self.ami_proxy: TcpProxy | None = None
        """Stands between daemon and Asterisk when it is set before the start."""
        self.at_start: list[Callable[[list[Child]], list[Child]]] = []
        """Called with the processes before they start: may change rendered files and processes, or leave some away."""

    # --- the processes ---

    async def __aenter__(self) -> Self:
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
        at = config.database.url or url
        self.prepared = decide(self.installation, texts, self.config_file, at, self.pbx, sounds, None)
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

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.leftovers_matter:
                await self.nothing_left()
        finally:
            for person in self.people:
                await person.stop()
            self.supervisor.stop()
            await self._running
            await self.store.close()
            await asyncio.to_thread(self.database.stop)
            if kind is not None:
                print(self.log.report())

    def _short_prompts(self) -> Path:
        own = self.folder / "prompts"
        for language in ("zh", "en"):
            for prompt in (*BRISK_PROMPTS, *self.short_prompts):
                if not (own / language / f"{prompt}.wav").exists():
                    tone(own / language / f"{prompt}.wav", 500, 0.3)
        return own

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[None]:
        """One of several scenarios in the same system: begins with an empty log and nobody there, and leaves nothing."""
        self.log.forget()
        try:
            yield
            await self.nothing_left()
        except BaseException:
            print(self.log.report())
            await self.cli("channel request hangup all")
            with suppress(Exception):  # what went wrong is to be read, not what went wrong afterwards
                await self._all_leave()
            raise
        await self._all_leave()

    async def _all_leave(self) -> None:
        for person in self.people:
            await person.stop()
        for row in (await self.state())["agents"]:
            if row["state"] != "logged out":
                await self.ask("POST", f"/api/agents/{row['agent']}/log-out", {})
                await self.comes_to_be(row["agent"], "logged out")

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
        process = await asyncio.create_subprocess_exec(
            *(*self.pbx.asterisk, "-C", str(self.installation.run / "asterisk" / "etc" / "asterisk.conf")),
            *("-rx", command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return output.decode("utf-8", "replace")

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
            cwd=Path(__file__).parents[3],
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

    # --- people ---

    async def staffed(self, agents: str | Sequence[str], phone: Phone, *, ready: bool = True) -> SippAgents:
        """Telephones of these agents, registered and seen; the agents made ready."""
        names = (agents,) if isinstance(agents, str) else tuple(agents)
        kept = self.installation.secrets()["agents"]
        row = SippAgents(
            self.pbx.tool("sipp"),
            {name: kept[name]["password"] for name in names},
            phone,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 4 * len(names)),
            folder=self.folder_for_person(),
        )
        self.people.append(row)
        before = len(self.log.of(Kind.PHONE))
        await row.start()
        for name in names:

            async def seen(name: str = name) -> bool:
                # An earlier telephone of this account, gone without a word, counts as reachable until it is pushed out.
                if f"{name}/sip:{name}@127.0.0.1:{row.port}" not in await self.cli("pjsip show contacts"):
                    return False
                since = [told for told in self.log.of(Kind.PHONE)[before:] if told.agent == name]
                return (not since or bool(since[-1].detail["reachable"])) and await self.reachable(name)

            await eventually(seen, f"agent {name}'s telephone")
            if ready:
                await self.ready(name)
        return row

    async def present(self, agents: str | Sequence[str], phone: Phone) -> SippAgents:
        """Registered and logged in, but not ready: callers wait."""
        row = await self.staffed(agents, phone, ready=False)
        for agent in (agents,) if isinstance(agents, str) else agents:
            await self.ask("POST", f"/api/agents/{agent}/log-in", {})
            await self.comes_to_be(agent, "not ready")
        return row

    async def ready(self, *agents: str) -> None:
        """These agents want calls from now on."""
        for agent in agents:
            await self.ask("POST", f"/api/agents/{agent}/ready", {})

    def folder_for_person(self) -> Path:
        """Where the files of the next one in `people` lie."""
        return self.folder / f"people-{len(self.people)}"

    async def caller(
        self, caller: Caller, calls: int = 1, rate: float = 20.0, rows: Sequence[Sequence[str]] = ()
    ) -> SippCaller:
        """A caller who dials now. At this rate SIPp dials at once; at one a second it first waits for a second."""
        person = SippCaller(
            self.pbx.tool("sipp"),
            caller,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp", TRUNK_ADDRESS),
            **media_ports(TRUNK_ADDRESS, calls),
            address=TRUNK_ADDRESS,
            calls=calls,
            rate=rate,
            rows=rows,
            folder=self.folder_for_person(),
        )
        self.people.append(person)
        await person.start()
        return person

    async def asks(
        self, key: str, caller: str = "13800001111", *, number: str = "95001", stays_s: float = 120
    ) -> SippCaller:
        """A caller dials, hears the notice, and keys `key` in the menu ("" keys nothing)."""
        after_s = BRISK_KEY_AFTER_S if self.brisk else KEY_AFTER_S
        return await self.caller(Caller(number, caller, keys=key, keys_after_s=after_s, stays_s=stays_s))

    async def dials(
        self, agent: str, code: str, keys: str = "", keys_after_s: float = 1.5, keys_by: KeysBy = "event"
    ) -> SippCaller:
        """The agent's own phone, with its password, dials a feature code or the hotline."""
        password = self.installation.secrets()["agents"][agent]["password"]
        phone = SippCaller(
            self.pbx.tool("sipp"),
            Caller(code, agent, keys=keys, keys_after_s=keys_after_s, key_gap_s=0.3, password=password),
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 1),
            address="127.0.0.1",
            folder=self.folder_for_person(),
            keys_by=keys_by,
        )
        self.people.append(phone)
        await phone.start()
        return phone

    async def everybody_hangs_up(self) -> None:
        for person in self.people:
            if isinstance(person, SippCaller):
                await person.hang_up()

    async def comes_to_be(self, agent: str, state: str, reason: str = "") -> None:
        """Waits until the page shows the agent so."""

        async def shown() -> bool:
            await asyncio.sleep(0.1)
            row = await self.agent(agent)
            return (row["state"], row["reason"]) == (state, reason)

        try:
            await eventually(shown, f"agent {agent}: {state} {reason}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {await self.agent(agent)}\n{self.log.report()}") from None

    # --- afterwards ---

    async def caught_up(self) -> None:
        """Waits until PostgreSQL has every row that is on disk."""

        async def level() -> bool:
            health = await self.ask("GET", "/health")
            shipper = next((check for check in health.get("checks", []) if check["name"] == "shipper"), None)
            return bool(shipper and shipper["up"] and not shipper["figure"])  # none: asked too often, and told so

        await eventually(level, "PostgreSQL's catching up", 60)

    async def times_tile(self, agent: str) -> bool:
        """The agent's states cover the wall clock, one after the other, in the log and in PostgreSQL. AssertionError."""
        was, since = "", None
        for at, row in self.log.rows():
            if row.kind is not Kind.AGENT_STATE or row.agent != agent:
                continue
            assert row.detail["was"] == was or since is None, f"{agent} was {was}, not {row.detail['was']}"
            if since is not None:
                lasted = (at - since).total_seconds()
                assert abs(row.detail["lasted_s"] - lasted) <= 0.05, f"{agent} {was}: {lasted} s, {dict(row.detail)}"
            was, since = str(row.detail["state"]), at
        await self.caught_up()
        stretches = await self.store.agent_time(datetime.now(UTC).date(), agent)
        for one, next_ in itertools.pairwise(stretches):
            assert one.to_at is not None
            assert abs((next_.from_at - one.to_at).total_seconds()) <= 0.05, f"{one} then {next_}"
        assert [stretch.to_at for stretch in stretches[-1:]] == [None], f"{agent}: {stretches[-1:]}"
        wall = (stretches[-1].from_at - stretches[0].from_at).total_seconds()
        told = sum((each.to_at - each.from_at).total_seconds() for each in stretches if each.to_at is not None)
        assert abs(wall - told) <= 0.05, f"{agent}: {told} s of {wall} s"
        return True

    async def nothing_left(self) -> None:
        """No channel, no bridge, no live sound, no call in the engine; every row in PostgreSQL and every leg filed."""

        async def channels() -> bool:
            return "0 active channels" in await self.cli("core show channels count")

        async def bridges() -> bool:
            return len((await self.cli("bridge show all")).strip().splitlines()) <= 1

        try:
            await eventually(channels, "the end of the last channel", 90)
        except AssertionError as error:
            raise AssertionError(
                f"{error}:\n{await self.cli('core show channels concise')}\n{self.log.report()}"
            ) from None
        await eventually(bridges, "the end of the last bridge")

        async def no_calls() -> bool:
            try:
                return not (await self.state())["calls"]
            except aiohttp.ClientConnectorError:
                return False  # An upgrade has just ended one daemon, and the next does not listen yet.

        await eventually(no_calls, "the end of the last call in the engine")
        live = Path(self.prepared.recordings) / "live"
        try:
            await eventually(lambda: not list(live.iterdir()), "the filing of the last recording", 60)
        except AssertionError as error:
            left = [f"{each.name}: {each.stat().st_size} bytes" for each in sorted(live.iterdir())]
            raise AssertionError(f"{error}: {left}\n{self.log.report()}") from None
        await self.caught_up()
        self._every_call_ended_once()
        await self._every_answered_leg_has_its_recording()
        await self._every_row_is_in_postgresql()

    def _every_call_ended_once(self) -> None:
        ended = [row.call for _, row in self.log.rows() if row.kind is Kind.ENDED]
        assert sorted(ended) == sorted(set(ended)), self.log.report()
        assert set(ended) == {row.call for _, row in self.log.rows() if row.kind is Kind.ARRIVED}, self.log.report()

    async def _every_answered_leg_has_its_recording(self) -> None:
        answered = {
            row.offer
            for _, row in self.log.rows()
            if row.kind is Kind.OFFER_ENDED and row.detail["outcome"] == Outcome.ANSWERED
        }
        for offer in answered:

            async def filed(offer: str = offer) -> bool:
                leg = await self.store.recording(offer)
                return (
                    leg is not None and leg.filed_at is not None
                )  # "none": of a millisecond's bridge there is no sound

            await eventually(filed, f"the verdict on {offer}")

    async def _every_row_is_in_postgresql(self) -> None:
        """Row by row and in order, call by call; and each offer's and call's last word in its own table."""
        for call in {row.call for _, row in self.log.rows() if row.kind is Kind.ARRIVED}:
            with suppress(AssertionError):  # What is measured of a line is told some moments after the call.
                await eventually(lambda call=call: self._is_in_postgresql(call), "", 10)  # type: ignore[misc]
            on_disk, kept = await self._on_disk_and_kept(call)
            assert kept == on_disk, (
                f"{call}: {len(kept)} rows in PostgreSQL, {len(on_disk)} on disk\n{self.log.report()}"
            )
            told = {row.offer: (row.agent, row.outcome) for row in await self.store.offers(call)}
            last = {
                row.offer: (row.agent, str(row.detail["outcome"]))
                for _, row in self.log.rows()
                if row.call == call and row.kind is Kind.OFFER_ENDED
            }  # one that was answered in the moment of its taking back ends twice, and its last word counts
            assert told == last, f"{call}: {told}, and in the log {last}"

    async def _is_in_postgresql(self, call: str) -> bool:
        on_disk, kept = await self._on_disk_and_kept(call)
        return on_disk == kept

    async def _on_disk_and_kept(self, call: str) -> tuple[list[Any], list[Any]]:
        """The call's rows, in the journal and in PostgreSQL."""
        on_disk = [(row.kind, row.agent, row.offer, dict(row.detail)) for _, row in self.log.rows() if row.call == call]
        kept = [(Kind(row.kind), row.agent, row.offer, dict(row.detail)) for row in await self.store.timeline(call)]
        return on_disk, kept
