"""What every model of the interface has in common."""

import ast
import inspect
import sys
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler


class ApiModel(BaseModel):
    """A field's docstring is its description in the OpenAPI document.

    The docstrings are read when the document is drawn, which most daemons never do: pydantic's `use_attribute_docstrings` reads and
    tokenizes the source of every model at every start. Validators are built when they are first used, for the same reason.
    """

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core_schema)
        described = handler.resolve_ref_schema(schema)
        docs = _field_docs(cls)
        for name, field in cls.model_fields.items():
            for written in {name, field.alias, field.serialization_alias}:
                shape = described.get("properties", {}).get(written)
                if shape is not None and docs.get(name):
                    shape.setdefault("description", docs[name])
        return schema


def _field_docs(model: type[BaseModel]) -> dict[str, str]:
    """Field to its docstring. A field that a subclass declares anew has the docstring that stands there, or none."""
    docs: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel) or base is BaseModel:
            continue
        own = _classes(sys.modules[base.__module__]).get(base.__qualname__, {})
        docs |= {name: own.get(name, "") for name in inspect.get_annotations(base)}
    return docs


@cache
def _classes(module: ModuleType) -> dict[str, dict[str, str]]:
    """The module's classes by qualified name: attribute to the string that stands under it, cleaned as `inspect.getdoc` does."""
    found: dict[str, dict[str, str]] = {}

    def look(body: list[ast.stmt], within: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                found[within + node.name] = {
                    attribute.target.id: inspect.cleandoc(text.value.value)
                    for attribute, text in zip(node.body, node.body[1:], strict=False)
                    if isinstance(attribute, ast.AnnAssign)
                    and isinstance(attribute.target, ast.Name)
                    and isinstance(text, ast.Expr)
                    and isinstance(text.value, ast.Constant)
                    and isinstance(text.value.value, str)
                }
                look(node.body, f"{within}{node.name}.")

    look(ast.parse(inspect.getsource(module)).body, "")
    return found
