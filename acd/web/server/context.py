"""What the web application needs of the daemon, in one value, so that a test can build it from real parts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from acd.config import Config
from acd.config.reports import ReportTable
from acd.context_card.cards import Cards
from acd.customers.look_up import CustomerLookUp
from acd.engine.commands import Command
from acd.engine.events import Event
from acd.engine.promises.promise import Promise
from acd.engine.surveys.book import Survey
from acd.identity.verifier import Verifier
from acd.lookups.book import Lookups
from acd.reports.contents import Wanted
from acd.reports.make import Maker
from acd.reports.spans import Span
from acd.store.journal.journal_in_database import Notice
from acd.store.store import BeforeCommit, Store

Listener = Callable[[datetime, Event, list[Command]], None]
PinVerdict = Literal["ok", "wrong", "unknown"]


class Shipper(Protocol):
    """The store's task that carries the call log from the spool to PostgreSQL."""

    @property
    def behind(self) -> int:
        """Rows that are on disk and not yet in PostgreSQL."""

    @property
    def healthy(self) -> bool:
        """Whether the last rows could be written."""

    @property
    def set_aside(self) -> int:
        """Rows that could not be put into the tables and are set aside in PostgreSQL."""

    @property
    def notices(self) -> Sequence[Notice]:
        """What the operator should know of journal and database now, the latest first."""

    async def catch_up(self, within_s: float) -> bool:
        """Waits until PostgreSQL has everything that is on disk now; False when it takes longer."""


class Configurations(Protocol):
    """The configuration in force, those before it, and how another takes its place. What can't be is a SanxiangError."""

    def told(self) -> Mapping[str, Any]:
        """What is in force: number, at, by, how, sha, file, queues, agents."""

    def history(self) -> list[dict[str, Any]]:
        """Every version, the latest first."""

    async def reload(self, by: str, *, dry_run: bool = False) -> "Change":
        """The operator's file takes over; `dry_run`: what would change."""

    async def back(self, by: str, number: int = 0) -> "Change":
        """The version before takes over again, or that of this number."""


class MenuDesk(Protocol):
    """The menus for the page. What can't be is a SanxiangError; KeyError: a brand that is none."""

    def told(self, brand: str, language: Literal["zh", "en"] = "en") -> dict[str, Any]:
        """What is in force, drawn with the words of this language."""

    async def tried(
        self, brand: str, files: Mapping[str, str], language: str, keys: str, begin: str, customer_class: str
    ) -> dict[str, Any]:
        """A call that is typed, with these files changed."""

    async def publish(self, brand: str, files: Mapping[str, str], by: str) -> "Change":
        """Takes these files into force and writes them."""


class AgentChanges(Protocol):
    """Changes of one agent. Each raises ValueError with a sentence about its values; what can't be is a SanxiangError."""

    async def remove(self, agent: str, by: str) -> None:
        """Nothing of the agent's works any more; a talk goes on."""

    async def add_all(
        self, profiles: Mapping[str, Mapping[str, Any]], by: str, *, dry_run: bool = False
    ) -> Mapping[str, Mapping[str, str]]:
        """All of these agents or none: extension to name, skills and team. Extension to password and PIN comes back; nothing after a
        `dry_run`."""

    async def edit(
        self, agent: str, name: str | None, skills: Mapping[str, int] | None, by: str, team: str | None = None
    ) -> None:
        """Another name, other skills, another team ("": none); None: as before."""

    async def new_pin(self, agent: str) -> str:
        """The new PIN."""

    async def new_password(self, agent: str) -> str:
        """The new password of the telephone."""


class SelfCalls(Protocol):
    """The hotline's calls to itself. What can't be is a SanxiangError."""

    async def call(self, trunk: str) -> Mapping[str, Any]:
        """One call and its report; empty `trunk`: by the local loop."""

    def kept(self) -> list[dict[str, Any]]:
        """The reports of earlier calls, the latest first."""

    def rows(self) -> list[dict[str, Any]]:
        """Of each way: trunk, under_way, report (of the last call, or None)."""


class RecordingKeeping(Protocol):
    """Deletes recordings, and holds them."""

    async def delete(self, offers: Sequence[str], by: str, why: str, noted: BeforeCommit | None = None) -> list[str]:
        """Those that had sound and were not held: it is deleted. `noted`: called before anything is deleted. DatabaseAway."""

    async def hold(self, offer: str, by: str, why: str, noted: BeforeCommit | None = None) -> bool:
        """Nothing deletes it from now on. False: it has no sound, or is held already. `noted`: called before it counts."""

    async def release(self, offer: str, noted: BeforeCommit | None = None) -> bool:
        """It may be deleted again. False: it was not held. `noted`: called before it counts."""


class Alarms(Protocol):
    """The book of alarms, as rows of acd/alarms/rows.py."""

    def open(self) -> list[dict[str, Any]]:
        """The open ones, the worst first."""

    def all(self) -> list[dict[str, Any]]:
        """With their history: the open ones, then the latest that are over."""

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Kind and severity to how many are open."""

    def seen(self, number: int, by: str) -> Any:
        """This person has seen it; None: there is no such open alarm."""

    def cleared(self, number: int, by: str) -> Any:
        """This person says that it is over; None: there is no such open alarm."""


class TestedWay(Protocol):
    """What came of a test by one way outward."""

    @property
    def way(self) -> str:
        """command, webhook, mail"""

    @property
    def configured(self) -> bool:
        """Whether the configuration has it."""

    @property
    def why(self) -> str:
        """Why it could not be sent; empty: it was taken, or there is no such way."""


class MadeReport(Protocol):
    """A report that lies in its folder."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def made_at(self) -> datetime: ...
    @property
    def why(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def files(self) -> tuple[str, ...]: ...
    @property
    def mail(self) -> str: ...


class Reports(Protocol):
    """Reports that make themselves, and those that are asked for. What can't be is a SanxiangError."""

    maker: Maker

    def configured(self) -> list[dict[str, Any]]:
        """Of each of the configuration: its table, when the next is due, why the last try failed."""

    def made(self) -> Sequence[MadeReport]:
        """The newest first."""

    def made_file(self, number: int, name: str) -> tuple[Path, str] | None:
        """Where the file lies, and the type of its content; None: there is no such."""

    def wanted(self, name: str, span: Span | None = None) -> tuple[Wanted, ReportTable]:
        """What the report of this name is to hold."""

    async def make_now(self, name: str, *, mail: bool) -> MadeReport:
        """Makes it again, and mails it when asked."""


class CallerFacts(Protocol):
    """What a part of the hotline knows of a caller, for the menu."""

    async def __call__(self, caller: str, dialled: str, call: str) -> Mapping[str, Any]:
        """Keys of `/ivr/caller` with what they hold: "customer", "complaint", "faults". `caller`: the canonical number; "unknown":
        nobody in particular. `dialled`: of our numbers. `call`: the call's id, or empty."""


class Refusal(Protocol):
    """Why an event can't be just now."""

    @property
    def code(self) -> str:
        """Stable code, as "not-available"."""

    @property
    def words(self) -> Mapping[str, Any]:
        """The values in the sentence, for other languages."""

    @property
    def sentence(self) -> str:
        """In English."""


class Change(Protocol):
    """What a reload did, or would do."""

    @property
    def taken(self) -> bool:
        """Whether another configuration is in force now."""

    @property
    def differences(self) -> list[str]:
        """One sentence for each difference."""

    @property
    def warnings(self) -> list[str]:
        """One sentence for each warning."""

    @property
    def note(self) -> str:
        """A remark for the operator; mostly empty."""


@dataclass
class WebContext:
    """What the web application uses of the daemon: state, events, store, folders, limits."""

    config: Config
    """The one in force: the daemon puts another here when it is reloaded; nobody else changes anything in this."""
    snapshot: Callable[[], Mapping[str, Any]]
    """`Acd.snapshot` at this moment."""
    tell: Callable[[Event], None]
    """Puts an event into the switchboard's inbox; returns at once."""
    subscribe: Callable[[Listener], Callable[[], None]]
    """`Switchboard.listen`: called after every event; what comes back ends that."""
    store: Store
    shipper: Shipper
    state_folder: Path
    recordings_folder: Path
    health: Callable[[], Mapping[str, Any]]
    """What only the daemon knows: at least {"pbx": bool, "sip": bool, "stories": bool}."""
    add_agent: Callable[[str, str, Mapping[str, int]], Awaitable[Mapping[str, Any]]]
    """(agent, name, skills) -> {"agent", "password", "pin"}. Raises ValueError with a sentence when it can't be."""
    check_pin: Callable[[str, str], PinVerdict]
    """(agent, pin). Counting the wrong ones is done by the web application."""
    pin_mark: Callable[[str], str | None]
    """(agent) -> what changes with the PIN; None: there is no such agent."""
    at_desk: Callable[[str], Mapping[str, Any] | None]
    """`Acd.at_desk` of an agent at this moment: the row of the agent, and those of the calls that the agent rings for, has, or is consulted about."""
    call: Callable[[str], Mapping[str, Any] | None]
    """`Acd.call` at this moment: its row of the snapshot."""
    cards: Cards
    refusal: Callable[[Event], Refusal | None]
    """`Acd.refusal` at this moment: asked before an agent's wish is told."""
    is_open: Callable[[str], bool]
    """Whether this queue is within its opening hours now, or an operator has opened it."""
    hours_set: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    """`Acd.hours_set` at this moment."""
    faults: Callable[[], list[dict[str, Any]]] = list
    """`Acd.faults` at this moment."""
    fault_callers: Callable[[str], list[dict[str, Any]]] = lambda fault: []
    """`Acd.fault_callers` at this moment."""
    speak_faults: Callable[[Sequence[tuple[str, str, str]]], Awaitable[Sequence[str]]] | None = None
    """(language, prompt, text) of each sentence is spoken for callers; a sentence for each that could not be. None: the server runs without
    a hotline around it."""
    fault_spoken: Callable[[str, str], bool] = lambda language, prompt: False
    """Whether there is such a sound file (language, prompt)."""
    speak: Callable[[str, Mapping[str, str]], Awaitable[Sequence[str]]] | None = None
    """(prompt, language to text) speaks words of an operator's for callers; a sentence for each that could not be. None: the server
    runs without a hotline around it."""
    standing: Callable[[str], Mapping[str, Any] | None] = lambda call: None
    """`Acd.queue_position` of a call at this moment: its place, and what it must expect."""
    callback_from: Callable[[str], datetime | None] = lambda call: None
    """`Acd.callback_from` of a call at this moment."""
    survey: Callable[[str], Survey | None] = lambda call: None
    """`Acd.survey` of a call at this moment."""
    survey_callback: Callable[[str], bool] = lambda call: False
    """`Acd.survey_callback` of a call at this moment."""
    promises: Callable[[], Sequence[Promise]] = list
    """`Acd.promises` at this moment."""
    promise_of: Callable[[str], Promise | None] = lambda number: None
    """`Acd.promise_of` a canonical number at this moment."""
    agent_messages: Callable[[], list[dict[str, Any]]] = list
    """`Acd.agent_messages` at this moment."""
    break_board: Callable[[], Mapping[str, Any]] = lambda: {"planned": False, "limits": []}
    """`Acd.break_board` at this moment."""
    alarms: Alarms | None = None
    """None: the server runs without a book of alarms."""
    test_alarms: Callable[[str], Awaitable[Sequence[TestedWay]]] | None = None
    """(by) sends a test by every way that alarms are told outside. What can't be is a SanxiangError."""
    lookups: Lookups | None = None
    """What stories may look up; None: nothing."""
    verifier: Verifier | None = None
    """None: no caller is verified by keys."""
    configurations: Configurations | None = None
    """None: there is only the configuration that it was started with."""
    menus: MenuDesk | None = None
    """None: the server runs without a hotline around it."""
    agent_changes: AgentChanges | None = None
    """None: the server runs without a hotline around it."""
    keeping: RecordingKeeping | None = None
    """None: the server runs without recordings."""
    reports: Reports | None = None
    """None: the server runs without a hotline around it."""
    self_calls: SelfCalls | None = None
    """None: the server runs without a hotline around it."""
    customers: CustomerLookUp | None = None
    """None: the server runs without a hotline around it."""
    caller_facts: list[CallerFacts] = field(default_factory=list)
    """Each is asked about a caller whom a menu begins with."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """Aware UTC."""
    figures: Callable[[], Mapping[str, tuple[str, float]]] = dict
    """More gauges for Prometheus, by name without our prefix: what it is, and its value."""
    capacity: Callable[[], Mapping[str, Any]] | None = None
    """Calls, RTP ports and CPU in use, as acd/daemon/live_capacity.py has them; None: the server runs without a hotline around it."""
    trunks: Callable[[], list[dict[str, Any]]] = list
    """Each trunk's row as it is now: acd/pbx/trunk_states.py."""
    page_folder: Path | None = None
    """The folder with the built page; None: the interface only, and `/` says so."""
    behind_tls: bool = False
    """A proxy in front speaks https: cookies are marked Secure."""
    requests_per_s: float = 20.0
    """Per session, token or source address; three seconds' worth may come at once."""
    stream_queue: int = field(default=64)
    """Changes that a slow reader of the live stream may be behind before it is dropped."""
