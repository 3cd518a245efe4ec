"""Finding the object that made a snapshot fail, for the error message."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import cloudpickle

from flott.common.errors import UnpicklableError


def derive_culprit(state_name: str, content: Any, error: Exception) -> UnpicklableError:
    """The error that names the key whose value in ``content`` could not be pickled."""
    for part, value in _parts(content):
        try:
            cloudpickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as cause:
            return UnpicklableError(
                f"State '{state_name}' cannot be written to the checkpoint: {part} holds "
                f"{_describe(value)}, which cannot be pickled ({cause}). Keep plain data in "
                "state, and open files, connections and locks in open()."
            )
    return UnpicklableError(f"State '{state_name}' cannot be written to the checkpoint: {error}")


def _parts(content: Any) -> Iterator[tuple[str, Any]]:
    for item in content:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], dict)):
            yield "a list", item
            continue
        namespace, entries = item
        where = "" if namespace is None else f" of {namespace!r}"
        for key, value in entries.items():
            yield f"key {key!r}{where}", value


def _describe(value: Any) -> str:
    text = repr(value)
    return f"a {type(value).__qualname__} ({text if len(text) <= 80 else text[:77] + '...'})"
