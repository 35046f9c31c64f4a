"""How all processes write their logs: one JSON object a line, on standard error.

The supervisor redirects standard error into a file of the state folder's `log/`. The code that logs a caller's number masks it;
digits that a caller keys are never logged.
"""

import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog


def set_up_file(file: Path) -> None:
    """As `set_up`, into this file: for a process whose standard error is a person's terminal."""
    set_up(stream=file.open("a", encoding="utf-8"))


def set_up(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Sends structlog and the standard library's logging to the same lines, on `stream`, else standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiohttp.access", "panoramisk", "alembic", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
