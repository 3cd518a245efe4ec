"""From a path to the store that holds it."""

from __future__ import annotations

from flott.connectors.files.arrow_store import ArrowStore
from flott.connectors.files.local_store import LocalStore
from flott.connectors.files.store import FileStore, is_local


def open_store(path: str) -> FileStore:
    """The store that holds ``path``.

    Raises:
        ConfigurationError: If nothing here can reach such a URI.

    >>> open_store("/data/in").can_resume
    True
    """
    return LocalStore() if is_local(path) else ArrowStore.from_uri(path)
