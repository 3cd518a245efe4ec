"""How often Python looks for garbage in cycles while a job runs.

Records are freed by counting references; the collector finds none of them. But it starts when some
hundred more objects have been made than freed, which a single batch of rows does several times,
and then walks over all of them: a fifth of the time of a job that makes a row of each message. So
while jobs run it waits for many more. What is in cycles is still found, a little later.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: More than the objects of the batches that are under way at once.
_OBJECTS_MAX: Final = 100_000

_lock: Final = threading.Lock()
_jobs = 0
_before: tuple[int, int, int] = (0, 0, 0)


def collect_rarely() -> None:
    """Let the collector wait for many objects, in a process that only runs jobs."""
    first, *others = gc.get_threshold()
    if 0 < first < _OBJECTS_MAX:  # 0: somebody has turned it off
        gc.set_threshold(_OBJECTS_MAX, *others)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """The same while a job runs in the process of its program; afterwards it is as it was.

    >>> before = gc.get_threshold()
    >>> with collecting_rarely():
    ...     gc.get_threshold()[0]
    100000
    >>> gc.get_threshold() == before
    True
    """
    global _jobs, _before
    with _lock:
        _jobs += 1
        if _jobs == 1:
            _before = gc.get_threshold()
            collect_rarely()
    try:
        yield
    finally:
        with _lock:
            _jobs -= 1
            if _jobs == 0:
                gc.set_threshold(*_before)
