"""The page's types of what the interface answers, from the models that the OpenAPI document is drawn from.

    python -m tests.console_types           whether acd/web/console/src/shared/interface.d.ts is as the models say
    python -m tests.console_types --write   writes it again

The file is committed, so that the build needs neither a daemon nor this. openapi-typescript, which writes it, is a package of the
page's checks.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from acd.progress import Silent
from acd.web.server.app import ROUTES
from acd.web.server.page_build import CONSOLE, page_workshop, run_npm
from tests.console_checks import CHECK_SOURCES

FILE = CONSOLE / "src" / "shared" / "interface.d.ts"


class _Sent(GenerateJsonSchema):
    """An answer has all its fields, also those that have a default."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True


def document() -> dict[str, Any]:
    """The answers' models as OpenAPI, without descriptions: those stand at the models."""
    answers = {route.answer for route in ROUTES if route.answer is not None}
    models = sorted(answers, key=lambda model: model.__name__)
    _, schema = models_json_schema(
        [(model, "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Sent,
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sanxiang", "version": "1"},
        "paths": {},
        "components": {"schemas": {name: _plain(found) for name, found in sorted(schema["$defs"].items())}},
    }


def _plain(schema: Any) -> Any:
    """Types alone. A field may be called as a word of the format is: what stands under `properties` keeps its name."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    fields = {"properties": {name: _plain(field) for name, field in schema.get("properties", {}).items()}}
    rest = {
        word: _plain(value)
        for word, value in schema.items()
        if word not in ("properties", "title", "description", "default", "examples")
    }
    return {**rest, **(fields if "properties" in schema else {})}


def written() -> str:
    """The file as it should be. Raises RuntimeError when npm's package fails."""
    with page_workshop(Silent(), CHECK_SOURCES) as shop:
        source, goal = shop / "dist" / "interface.json", shop / "dist" / "interface.d.ts"  # which no other check reads
        source.parent.mkdir(exist_ok=True)
        source.write_text(json.dumps(document()), encoding="utf-8")
        words = ("exec", "--", "openapi-typescript", str(source), "--root-types", "--root-types-no-schema-prefix")
        run = run_npm(shop, *words, "--output", str(goal))
        if run.returncode != 0:
            raise RuntimeError(f"openapi-typescript failed: {run.stdout}")
        return _shortened(goal.read_text(encoding="utf-8"))


def _shortened(text: str) -> str:
    """Without the empty parts and the notes of the format; the page reads the answers alone."""
    body = text[text.index("export interface components") :]
    kept = [line for line in body.splitlines() if ": never;" not in line and not line.startswith("export type $defs")]
    head = "/** What the interface answers. Written by `python -m tests.console_types --write`; change the models instead. */\n"
    return head + "\n".join(line for line in kept if not line.startswith("export type operations")) + "\n"


def main(arguments: list[str]) -> int:
    """The exit status: 0 when the file is as it should be, or was written."""
    text = written()
    if "--write" in arguments:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if _read(FILE) != text:
        print(f"{FILE} is not as the models say. Write it again: python -m tests.console_types --write")
        return 1
    return 0


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
