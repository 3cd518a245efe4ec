"""What the user's functions print in worker processes.

Each line says who printed it, ``[Map (1/2)] looking at 7``; lines leave whole, so that those of
several workers don't run into each other. While the job shows a status line, workers print into
pipes, and the process that started the job passes their lines on: only one may move the cursor.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import IO, Any, Final

from flott.core.operator import Operator
from flott.runtime.task.failure import is_engine_frame
from flott.runtime.task.fused import FusedSteps

#: Calls between a print and the operator's own frame that are looked through at most.
_FRAMES_MAX: Final = 200


class NamingStream:
    """Standard output or error of a worker: puts the operator's name before each line.

    What the engine itself prints, the print sink above all, goes through as it is.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._begun = threading.local()  # what each thread has printed of its line

    def write(self, text: str) -> int:
        caller = sys._getframe(1)
        if is_engine_frame(caller):
            self._stream.write(text)
            return len(text)
        whole, newline, rest = (getattr(self._begun, "text", "") + text).rpartition("\n")
        self._begun.text = rest
        if newline:
            name = printing_operator(caller)
            self._put("".join(f"{name}{line}\n" for line in whole.split("\n")))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        """Print a line that was begun and never ended."""
        rest = getattr(self._begun, "text", "")
        self._begun.text = ""
        if rest:
            self._put(rest)

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def name_printing_operators() -> None:
    """Have everything that is printed in this process say who printed it."""
    sys.stdout = NamingStream(sys.stdout)
    sys.stderr = NamingStream(sys.stderr)


def printing_operator(frame: FrameType | None) -> str:
    """The operator whose function runs in ``frame``, as it stands before a line; may be empty."""
    line = 0
    for _ in range(_FRAMES_MAX):
        if frame is None:
            return ""
        if is_engine_frame(frame):
            owner = frame.f_locals.get("self")
            if isinstance(owner, FusedSteps):
                return _label(owner.operator_at(line))
            if isinstance(owner, Operator):
                return _label(owner)
            if frame.f_code.co_filename.startswith("<flott"):
                line = line or frame.f_lineno
        frame = frame.f_back
    return ""


def _label(operator: Operator | None) -> str:
    if operator is None:
        return ""
    context = operator.context
    return f"[{context.operator_name} ({context.subtask_index + 1}/{context.parallelism})] "


def pass_on(pipe: IO[bytes], stream_name: str) -> threading.Thread:
    """Print what comes out of ``pipe`` to the stream of that name, line by line, on a thread."""

    def copy() -> None:
        with pipe:
            for line in pipe:
                stream = getattr(sys, stream_name)
                stream.write(line.decode("utf-8", "replace"))
                stream.flush()

    thread = threading.Thread(target=copy, name=f"flott-{stream_name}", daemon=True)
    thread.start()
    return thread
