"""Who may import whom: tests/import_table.py, held true."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.import_table import (
    BUILDERS,
    LAYERS,
    MAY,
    ORDER,
    PAGE,
    ROOT,
    page_with_table,
)

OURS = {"acd", "ivr", "recordings", "agi_scripts", "tests"}
Edge = tuple[str, str]
"""Importer and imported."""


def longest(name: str, known: Iterable[str]) -> str | None:
    """The longest of `known` that the module is, or lies in."""
    return max((each for each in known if f"{name}.".startswith(f"{each}.")), key=len, default=None)


def imports(file: Path, module: str) -> set[str]:
    """Every module that the file names, wherever in the file; `from a.b import c` gives a.b and a.b.c."""
    found: set[str] = set()
    for name, alias in _named(file, module):
        found.update({name, f"{name}.{alias}"} if alias else {name})
    return found


def _named(file: Path, module: str) -> Iterator[tuple[str, str]]:
    """Each name that is imported: the module, and what is taken from it (empty: the module itself)."""
    for node in _statements(file):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        else:
            here = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
            package = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            yield from ((base, alias.name) for alias in node.names)


@cache
def _statements(file: Path) -> list[ast.Import | ast.ImportFrom]:
    """The file's imports; read once for all tests of a process."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def allowed(name: str, part: str) -> bool:
    if name.partition(".")[0] in sys.stdlib_module_names or name in OURS:
        return True
    own = "ivr" if part == "ivr.agi" else part
    return longest(name, MAY[part][1] | {own}) is not None


def modules() -> list[tuple[str, Path]]:
    return [
        (".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), file)
        for top in ("acd", "ivr", "recordings", "agi_scripts")
        for file in sorted((ROOT / top).rglob("*.py"))
        if "node_modules" not in file.parts
    ]


@cache
def edges() -> set[Edge]:
    """Every import of one module of ours by another, also those inside functions and for typing."""
    known = dict(modules())
    found: set[Edge] = set()
    for module, file in known.items():
        for name, alias in _named(file, module):
            target = f"{name}.{alias}" if f"{name}.{alias}" in known else name
            if target in known and target != module:
                found.add((module, target))
    return found


def circles(graph: set[Edge]) -> list[list[str]]:
    """The groups of modules that reach each other."""
    beyond: dict[str, set[str]] = {}
    for importer, imported in graph:
        beyond.setdefault(importer, set()).add(imported)

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        todo = [start]
        while todo:
            for each in beyond.get(todo.pop(), set()) - found:
                found.add(each)
                todo.append(each)
        return found

    reach = {module: reached(module) for module in beyond}
    groups = {
        frozenset({module, *(other for other in reach[module] if module in reach.get(other, set()))})
        for module in beyond
        if module in reach[module]
    }
    return sorted(sorted(group) for group in groups)


def upward(graph: set[Edge], package: str, layers: tuple[tuple[str, ...], ...]) -> set[Edge]:
    """The imports within the package that go to a layer above, or to another name of the same layer."""
    layer_of = {f"{package}.{name}": number for number, layer in enumerate(layers) for name in layer}
    found: set[Edge] = set()
    for importer, imported in graph:
        one, other = longest(importer, layer_of), longest(imported, layer_of)
        if one and other and one != other and layer_of[one] <= layer_of[other]:
            found.add((importer, imported))
    return found


def test_every_package_imports_only_what_the_table_allows():
    wrong = [
        f"{module} imports {name}"
        for module, file in modules()
        if (part := longest(module, MAY))
        for name in sorted(imports(file, module))
        # `from acd.config import Config` names acd.config.Config too; its module decides.
        if not allowed(name, part)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_has_a_row():
    assert [module for module, _ in modules() if longest(module, MAY) is None and module != "acd"] == []
    assert {longest(module, MAY) for module, _ in modules()} - {None} == set(MAY)


def test_no_import_goes_up_between_packages():
    place = {package: number for number, package in enumerate(ORDER)}
    wrong: list[str] = []
    for importer, imported in sorted(edges()):
        one, other = longest(importer, ORDER), longest(imported, ORDER)
        if one and other and place[one] < place[other]:
            wrong.append(f"{importer} imports {imported}")
    assert not wrong, "\n".join(wrong)


def test_every_package_has_its_place_in_the_order():
    tops = {".".join(module.split(".")[: 2 if module.startswith("acd.") else 1]) for module, _ in modules()} - {"acd"}
    assert (sorted(ORDER), len(set(ORDER))) == (sorted(tops), len(ORDER))


def test_only_builders_import_builders():
    """A part that could reach what builds it could not be built by a test in another way."""
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in sorted(edges())
        if longest(imported, BUILDERS) and not longest(importer, BUILDERS)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_goes_up_between_the_layers_of_a_package():
    graph = edges()
    found = {edge for package, layers in LAYERS.items() for edge in upward(graph, package, layers)}
    assert found == set(), "these imports go up"


def test_every_module_of_a_layered_package_has_its_layer():
    names = {f"{package}.{name}" for package, layers in LAYERS.items() for layer in layers for name in layer}
    packages = {module for module, file in modules() if file.name == "__init__.py"}
    without = [
        module
        for module, _ in modules()
        if longest(module, LAYERS) not in (None, module) and not longest(module, names) and module not in packages
    ]
    assert without == []


def test_no_modules_import_each_other_in_a_circle():
    """Not even for typing: then none of them can be read, or changed, without the others."""
    graph = edges()
    assert circles(graph) == []


def test_no_module_imports_for_typing_alone():
    found = {module for module, file in modules() if "TYPE_CHECKING" in file.read_text(encoding="utf-8")}
    assert found == set(), "these import behind TYPE_CHECKING"


def test_every_package_says_what_it_is():
    without = {
        module
        for module, file in modules()
        if file.name == "__init__.py" and not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert without == set(), "these packages have no docstring"


def test_the_page_shows_the_table():
    page = PAGE.read_text(encoding="utf-8")
    assert page_with_table(page) == page, "run: python -m tests.import_table --write"


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="lacks the markers"):
        page_with_table("# Architecture\n")


def test_a_foreign_import_is_noticed(tmp_path: Path):
    file = tmp_path / "router.py"
    file.write_text("def f():\n    import aiohttp\n    from acd.store import store\n", encoding="utf-8")
    assert [name for name in sorted(imports(file, "acd.engine.routing.router")) if not allowed(name, "acd.engine")] == [
        "acd.store",
        "acd.store.store",
        "aiohttp",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from . import state", {"acd.engine.routing", "acd.engine.routing.state"}),
        ("from .policy import look", {"acd.engine.routing.policy", "acd.engine.routing.policy.look"}),
        ("from ..state import State", {"acd.engine.state", "acd.engine.state.State"}),
        ("if TYPE_CHECKING:\n    import acd.store", {"acd.store"}),
    ],
)
def test_every_way_of_importing_is_noticed(tmp_path: Path, text: str, found: set[str]):
    file = tmp_path / "router.py"
    file.write_text(text, encoding="utf-8")
    assert imports(file, "acd.engine.routing.router") == found


def test_an_import_upward_is_noticed():
    layers = (("low", "beside"), ("high.part",), ("high",))
    graph = {
        ("p.high.one", "p.low"), ("p.high.one", "p.high.two"), ("p.high.one", "p.high.part"), ("p.high.part.x", "p.low.y"),
    }  # fmt: skip
    assert upward(graph, "p", layers) == set()
    wrong = {
        ("p.low", "p.high.one"),
        ("p.low", "p.high.part"),
        ("p.low.y", "p.beside"),
        ("p.high.part.x", "p.high.one"),
    }
    assert upward(graph | wrong, "p", layers) == wrong


def test_a_circle_is_noticed():
    line = {("a", "b"), ("b", "c"), ("a", "c")}
    assert circles(line) == []
    assert circles(line | {("c", "b")}) == [["b", "c"]]
    assert circles(line | {("c", "a"), ("d", "d")}) == [["a", "b", "c"], ["d"]]


@pytest.mark.slow
def test_a_daemon_starts_without_what_it_needs_once_in_a_version_or_never():
    """Callers wait while a daemon starts: Alembic with its template engine, and what draws the API's document, cost it a third of a second."""
    program = (
        "import sys, acd.daemon.daemon;"
        "print(sorted({'alembic', 'mako', 'openapi_pydantic'} & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
