"""Sessions that tests of the binder share."""

from __future__ import annotations

import pytest

from flott.sql.session import Session
from tests.sql.binder.catalogs import TABLES, session_with


@pytest.fixture
def streaming() -> Session:
    """A session in STREAMING mode with ``TABLES``."""
    return session_with(TABLES)


@pytest.fixture
def batch() -> Session:
    """A session in BATCH mode with ``TABLES``, but for those that send changes."""
    return session_with(TABLES, is_streaming=False)
