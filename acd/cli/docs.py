"""`sanxiang docs`: the documents as a site on this machine."""

from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import ended_by_ctrl_c, say
from acd.progress import Steps

HERE = "127.0.0.1"


def docs(
    serve: Annotated[bool, typer.Option("--serve", help="Show it on this machine until Ctrl-C.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --serve: the port; 0 takes a free one.")] = 8000,
) -> None:
    """Make the documents into a site, with a search; prints where it lies."""
    from acd.site.build import build_site

    with Steps(total=1).step("the site") as progress:
        built = build_site(progress=progress)
    if serve:
        show(built, port)
    else:
        say(str(built / "index.html"))
        say("`sanxiang docs --serve` shows it with its search.")


def show(built: Path, port: int) -> None:
    """Serves the folder on this machine alone until Ctrl-C."""
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(built))

        def log_message(self, format: str, *arguments: Any) -> None:
            """A line for each picture helps nobody."""

    try:
        server = ThreadingHTTPServer((HERE, port), Quiet)
    except OSError as error:
        raise typer.BadParameter(
            f"port {port} can't be taken ({error.strerror}); name another, or 0", param_hint="--port"
        ) from None
    say(f"http://{HERE}:{server.server_port}/ (Ctrl-C ends it)")
    with ended_by_ctrl_c():
        server.serve_forever()
