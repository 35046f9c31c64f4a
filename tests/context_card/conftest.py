"""The store's servers and its ground, for cards that outlive a daemon."""

from tests.store.conftest import ground, server, servers, url

__all__ = ["ground", "server", "servers", "url"]
