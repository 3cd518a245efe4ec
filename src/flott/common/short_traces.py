"""Tracebacks that end where the user's program called: what is below says nothing to its users.

Errors of Flott say in words what is wrong and where. Python would print, before these words, every
frame of the engine down to the line that noticed, and as much again for each cause.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from types import TracebackType
from typing import Final

from flott.common.errors import FlottError

__all__ = ["SHORT_TRACES", "is_users_file", "shorten_trace"]

_ENGINE_FOLDER: Final = os.path.dirname(os.path.dirname(__file__)) + os.sep
_STANDARD_LIBRARY: Final = os.path.dirname(os.__file__) + os.sep
#: Where installed packages are; part of the folder of the standard library or of a .venv.
_INSTALLED: Final = frozenset(("site-packages", "dist-packages"))
#: Packages that the engine calls on its own account. Frames of compiled modules have short paths.
_DRIVEN: Final = frozenset(("confluent_kafka", "google", "orjson", "polars", "pyarrow", "sqlglot"))


def is_users_file(name: str) -> bool:
    """Whether a frame of this file is the user's code, or of a package that only users call.

    >>> is_users_file("/home/ada/job.py"), is_users_file("pyarrow/error.pxi")
    (True, False)
    """
    if name.startswith((_ENGINE_FOLDER, "<flott", "<frozen")):
        return False
    parts = PurePath(name).parts
    is_installed = not _INSTALLED.isdisjoint(parts)
    if is_installed or not os.path.isabs(name):
        return _DRIVEN.isdisjoint(parts)
    return not name.startswith(_STANDARD_LIBRARY)


def shorten_trace(error: FlottError) -> None:
    """Forget the frames below the one that re-raises ``error``, and causes without user code."""
    error.with_traceback(None)
    cause = error.__cause__ or error.__context__
    if cause is not None and not _passes_user_code(cause):
        error.__cause__ = None
        error.__suppress_context__ = True


def _passes_user_code(error: BaseException | None) -> bool:
    seen: set[int] = set()  # an error may be raised again while its own consequence is handled
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        trace = error.__traceback__
        while trace is not None:
            if is_users_file(trace.tb_frame.f_code.co_filename):
                return True
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
    return False


class _ShortTraces:
    """Shortens the tracebacks of Flott's errors that leave a ``with`` block."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to do before an error."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, FlottError):
            shorten_trace(error)


#: Stands around the body of a method that users call.
SHORT_TRACES: Final = _ShortTraces()
