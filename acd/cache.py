"""The user's cache folder: what was fetched or made once for all checkouts and installations."""

import os
from pathlib import Path

from acd.errors import SanxiangError


class CacheNotWritable(SanxiangError):
    """The cache folder {folder} cannot be written ({why}). Set XDG_CACHE_HOME to a folder that can."""


def cache_folder() -> Path:
    """The folder that all checkouts share; made when it is missing."""
    home = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(home) if home else Path.home() / ".cache") / "sanxiang"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheNotWritable(folder=folder, why=error.strerror) from error
    return folder
