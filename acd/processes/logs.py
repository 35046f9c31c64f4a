"""How all processes write their logs: one JSON object a line, on standard error.

The supervisor keeps it in a file of the state folder's `log/` (log_keeper.py). A telephone number is masked wherever it stands in
a line, also in an error's own words: the code that logs does not have to think of it. Digits that a caller keys, and what a person
writes, are never logged.
"""

import io
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from acd.number_masks import masked


def without_numbers(logger: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with every telephone number in its texts masked: 138****1111. A processor of structlog."""
    for name, value in line.items():
        if name not in ("timestamp", "logger", "level"):
            line[name] = _masked(value)
    return line


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    return value


def set_up(level: int = logging.INFO, stream: TextIO | io.TextIOBase | None = None) -> None:
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
                without_numbers,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiohttp.access", "panoramisk", "alembic", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
