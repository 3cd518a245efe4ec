"""The one place where formats and connectors import pyarrow: late, since it is large."""

from __future__ import annotations

import importlib
from typing import Any


def load_arrow() -> Any:
    """The module ``pyarrow``."""
    return importlib.import_module("pyarrow")


def load_parquet() -> Any:
    """The module ``pyarrow.parquet``."""
    return importlib.import_module("pyarrow.parquet")


def load_file_systems() -> Any:
    """The module ``pyarrow.fs``."""
    return importlib.import_module("pyarrow.fs")


def load_orc() -> Any:
    """The module ``pyarrow.orc``."""
    return importlib.import_module("pyarrow.orc")
