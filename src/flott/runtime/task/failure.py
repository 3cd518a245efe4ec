"""What is told about a failure: the user's frames, the operator, the record, the position.

Loops of the engine keep two conventions that make this possible without any cost per record:
the frame of an operator's method has the operator as ``self``, and the record in hand as
``value``. Where C code runs the loop, ``attach_record`` says which record it was.
"""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Final

from flott.common.errors import FlottError
from flott.common.redaction import shorten_record
from flott.common.short_traces import is_users_file
from flott.core.operator import Operator

_RECORD: Final = "__flott_record__"
_OPERATOR: Final = "__flott_operator__"
_PLACE: Final = "__flott_place__"
_ENGINE_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep
#: Lines of a traceback; with what stands around it, the whole message has at most 25.
TRACE_LINES_MAX: Final = 14
#: Outermost frames that stay when frames have to be left out; the others are the innermost.
_OUTER_FRAMES: Final = 1
#: Stands for a record nobody knows.
MISSING: Final = object()


class PeerLostError(ConnectionError):
    """A connection to another worker broke; what it carried last may be lost."""


@dataclass(frozen=True, slots=True)
class FailureReport:
    """A failure as it travels to the coordinator and to the user.

    Attributes:
        task: Name of the task with its subtask, e.g. ``Source -> Map (1/2)``.
        operator: Name of the operator whose code failed; ``None`` if it was none's.
        location: ``file:line`` where the program created the operator.
        error_type: Class name of the exception.
        message: Its text.
        record: The record in hand, shortened and with secrets masked.
        position: Where in the source the record came from, where known.
        user_trace: Traceback through the user's frames only.
        engine_trace: The whole traceback.
        subtask: Index of the subtask and their number, if a task failed.
    """

    task: str
    operator: str | None
    location: str
    error_type: str
    message: str
    record: str | None
    position: str | None
    user_trace: str
    engine_trace: str
    subtask: tuple[int, int] | None = None


def attach_record(error: BaseException, record: Any) -> None:
    """Remember on ``error`` which record was in hand; the innermost call wins."""
    if not hasattr(error, _RECORD):
        setattr(error, _RECORD, record)


def attach_operator(error: BaseException, operator: Operator) -> None:
    """Remember on ``error`` whose code failed; the innermost call wins."""
    if not hasattr(error, _OPERATOR):
        setattr(error, _OPERATOR, operator)


def attach_place(error: BaseException, place: str) -> None:
    """Remember on ``error`` that a function failed which belongs to no operator of this task."""
    if not hasattr(error, _PLACE):
        setattr(error, _PLACE, place)


def find_culprit(error: BaseException) -> tuple[Operator | None, Any]:
    """The operator and the record of an exception; the record is ``MISSING`` if unknown."""
    operator = getattr(error, _OPERATOR, None)
    record = getattr(error, _RECORD, MISSING)
    if operator is not None:
        return operator, record
    known = record is not MISSING
    for frame in _frames(error.__traceback__):
        if not is_engine_frame(frame):
            continue
        owner = frame.f_locals.get("self")
        if isinstance(owner, Operator) and owner is not operator:
            operator = owner
            record = record if known else MISSING  # what the sender had in hand is not to blame
        if operator is not None and not known:
            record = frame.f_locals.get("value", record)
    return operator, record


def _frames(trace: TracebackType | None) -> list[FrameType]:
    frames = []
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    return frames


def is_engine_frame(frame: FrameType) -> bool:
    """Whether the frame runs code of this package rather than the user's."""
    name = frame.f_code.co_filename
    return name.startswith((_ENGINE_FOLDER, "<flott"))


def describe_failure(
    error: BaseException,
    task: str,
    names: dict[int, tuple[str, str]] | None = None,
    position: str | None = None,
    *,
    record_length: int = 200,
    subtask: tuple[int, int] | None = None,
) -> FailureReport:
    """Put a failure into words.

    Args:
        error: The exception as caught.
        task: Name of the task.
        names: Name and location of each operator, by ``id`` of the operator object.
        position: Where the source read the record, if it could tell.
        record_length: Characters of the record that are shown; 0 shows none of it.
        subtask: Index of the subtask and their number.
    """
    assert record_length >= 0
    operator, record = find_culprit(error)
    name, location = (names or {}).get(id(operator), (None, ""))
    place = getattr(error, _PLACE, None)
    is_shown = record is not MISSING and record_length > 0
    return FailureReport(
        task=task,
        operator=name if place is None else place,
        location=location if place is None else "",
        error_type=type(error).__name__,
        message=str(error),
        record=shorten_record(record, record_length) if is_shown else None,
        position=position,
        user_trace=user_traceback(error),
        engine_trace="".join(traceback.format_exception(error)),
        subtask=subtask,
    )


def user_traceback(error: BaseException, lines_max: int = TRACE_LINES_MAX) -> str:
    """The traceback without frames of the engine, in at most ``lines_max`` lines; nothing if no
    frame is left.

    What had to be left out is tried in this order: marks under the code, frames between the
    outermost and the innermost, exceptions before the last one, lines of its text.
    """
    assert lines_max >= 4
    summary = traceback.TracebackException.from_exception(error)
    _keep_user_frames(summary)
    if isinstance(error, FlottError) and not _passes_user_code(summary):
        return ""  # the engine has put in words what a library told it
    if not summary.stack and summary.__cause__ is None and summary.__context__ is None:
        return ""  # the error's own line is the message of the failure
    text = "".join(summary.format())
    if _line_count(text) <= lines_max:
        return text
    _drop_marks(summary)
    for frames_max in (6, 5, 4, 3, 2):
        _keep_some_frames(summary, frames_max)
        text = "".join(summary.format())
        if _line_count(text) <= lines_max:
            return text
    lines = text.rstrip("\n").split("\n")
    kept = lines_max // 2
    return "\n".join([*lines[:1], "  ...", *lines[-kept:]]) + "\n"


def _line_count(text: str) -> int:
    return text.count("\n")


def _keep_user_frames(summary: traceback.TracebackException) -> None:
    kept = [
        frame
        for frame in summary.stack
        if not frame.filename.startswith((_ENGINE_FOLDER, "<flott"))
    ]
    summary.stack = traceback.StackSummary.from_list(kept)
    before = summary.__context__
    # The same error again, from a second look at the record, tells nothing new.
    if before is not None and _headline(before) == _headline(summary):
        summary.__context__ = None
    for linked in (summary.__cause__, summary.__context__):
        if linked is not None:
            _keep_user_frames(linked)


def _passes_user_code(summary: traceback.TracebackException | None) -> bool:
    while summary is not None:
        if any(is_users_file(frame.filename) for frame in summary.stack):
            return True
        summary = summary.__cause__ or summary.__context__
    return False


def _headline(summary: traceback.TracebackException) -> str:
    return "".join(summary.format_exception_only())


def _drop_marks(summary: traceback.TracebackException) -> None:
    plain = [
        traceback.FrameSummary(frame.filename, frame.lineno, frame.name, line=frame.line)
        for frame in summary.stack
    ]
    summary.stack = traceback.StackSummary.from_list(plain)
    for linked in (summary.__cause__, summary.__context__):
        if linked is not None:
            _drop_marks(linked)


def _keep_some_frames(summary: traceback.TracebackException, frames_max: int) -> None:
    stack = list(summary.stack)
    if len(stack) > frames_max:
        inner = stack[len(stack) - (frames_max - _OUTER_FRAMES) :]
        summary.stack = traceback.StackSummary.from_list(stack[:_OUTER_FRAMES] + inner)
    for linked in (summary.__cause__, summary.__context__):
        if linked is not None:
            _keep_some_frames(linked, frames_max)
