"""`sanxiang version` and `--version`: of this checkout, and of the Asterisk that it uses."""

import sys
import warnings
from typing import Annotated

import typer

from acd.cli.common import AsJson, print_json, say
from acd.errors import SanxiangError
from acd.pbx.install.runtime import find_pbx
from acd.setup.versions import own_version


def versions() -> dict[str, str]:
    """Program to version, with where the Asterisk comes from; "none yet" where it is fetched at the first start."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pbx = find_pbx()
        asterisk = f"{pbx.version} ({pbx.origin})"
    except SanxiangError:
        asterisk = "none yet"
    return {"Sanxiang": own_version(), "Asterisk": asterisk, "Python": ".".join(map(str, sys.version_info[:3]))}


def version(as_json: AsJson = False) -> None:
    """The versions of Sanxiang, of the Asterisk that it uses, and of Python."""
    found = versions()
    if as_json:
        print_json({name.lower(): said for name, said in found.items()})
    else:
        for name, said in found.items():
            say(f"{name} {said}")


def _said(asked: bool) -> None:
    if asked:
        version()
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_said, is_eager=True, help="Show the versions, as `version` does, and end."),
]
