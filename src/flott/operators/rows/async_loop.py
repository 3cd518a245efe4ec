"""A thread with an asyncio loop, in which the coroutines of one operator run.

The operator gives calls in and gets each back, with its result or error, by a function that is
called in the loop's thread. Nothing else is shared between the two threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from flott.operators.rows.async_call import AsyncCall, AsyncInvoker, OnDone, run_call

__all__ = ["LoopInvoker"]

#: How long closing waits for cancelled coroutines to end.
_CLOSE_S_MAX = 5.0


class LoopInvoker(AsyncInvoker):
    """Runs calls in a thread of its own."""

    def __init__(self, on_done: OnDone, name: str) -> None:
        self._on_done = on_done
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, calls: Sequence[AsyncCall]) -> None:
        # One hop to the other thread for all of them; a hop costs more than a call.
        self._loop.call_soon_threadsafe(self._begin, calls)

    def cancel(self, call: AsyncCall) -> None:
        call.is_cancelled = True
        self._loop.call_soon_threadsafe(_cancel, call)

    def close(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSE_S_MAX)

    def _begin(self, calls: Sequence[AsyncCall]) -> None:
        for call in calls:
            if not call.is_cancelled:
                call.task = self._loop.create_task(run_call(call, self._on_done))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            if tasks:
                waiting = asyncio.wait(tasks, timeout=_CLOSE_S_MAX / 2)
                self._loop.run_until_complete(waiting)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()


def _cancel(call: AsyncCall) -> None:
    if call.task is not None:
        call.task.cancel()
