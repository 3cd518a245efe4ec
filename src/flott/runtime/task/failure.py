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

from flott.common.redaction import shorten_record
from flott.core.operator import Operator

_RECORD: Final = "__flott_record__"
_OPERATOR: Final = "__flott_operator__"
_ENGINE_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep
#: Frames of the user's code that are shown; more than enough for a readable message.
USER_FRAMES_MAX: Final = 15
_MISSING: Final = object()


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

    def render(self, engine_frames: bool = False) -> str:
        """The failure in words, the user's frames first."""
        lines = [self.engine_trace.rstrip() if engine_frames else self.user_trace.rstrip()]
        where = f"operator {self.operator!r}" if self.operator else f"task {self.task!r}"
        lines.append(f"  in {where}" + (f", created at {self.location}" if self.location else ""))
        if self.record is not None:
            lines.append(f"  record: {self.record}")
        if self.position is not None:
            lines.append(f"  read from: {self.position}")
        return "\n".join(line for line in lines if line)


def attach_record(error: BaseException, record: Any) -> None:
    """Remember on ``error`` which record was in hand; the innermost call wins."""
    if not hasattr(error, _RECORD):
        setattr(error, _RECORD, record)


def attach_operator(error: BaseException, operator: Operator) -> None:
    """Remember on ``error`` whose code failed; the innermost call wins."""
    if not hasattr(error, _OPERATOR):
        setattr(error, _OPERATOR, operator)


def find_culprit(error: BaseException) -> tuple[Operator | None, Any]:
    """The operator and the record of an exception; the record is ``MISSING`` if unknown."""
    operator = getattr(error, _OPERATOR, None)
    record = getattr(error, _RECORD, _MISSING)
    if operator is not None:
        return operator, record
    for frame in _frames(error.__traceback__):
        owner = frame.f_locals.get("self")
        if isinstance(owner, Operator):
            operator = owner
        if operator is not None and is_engine_frame(frame) and not hasattr(error, _RECORD):
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
    error: BaseException, task: str, names: dict[int, tuple[str, str]], position: str | None
) -> FailureReport:
    """Put a failure into words.

    Args:
        error: The exception as caught.
        task: Name of the task.
        names: Name and location of each operator, by ``id`` of the operator object.
        position: Where the source read the record, if it could tell.
    """
    operator, record = find_culprit(error)
    name, location = names.get(id(operator), (None, ""))
    return FailureReport(
        task=task,
        operator=name,
        location=location,
        error_type=type(error).__name__,
        message=str(error),
        record=None if record is _MISSING else shorten_record(record),
        position=position,
        user_trace=user_traceback(error),
        engine_trace="".join(traceback.format_exception(error)),
    )


def user_traceback(error: BaseException) -> str:
    """The traceback without frames of the engine."""
    summary = traceback.TracebackException.from_exception(error)
    _keep_user_frames(summary)
    return "".join(summary.format())


def _keep_user_frames(summary: traceback.TracebackException) -> None:
    kept = [
        frame
        for frame in summary.stack
        if not frame.filename.startswith((_ENGINE_FOLDER, "<flott"))
    ]
    summary.stack = traceback.StackSummary.from_list(kept[-USER_FRAMES_MAX:])
    for linked in (summary.__cause__, summary.__context__):
        if linked is not None:
            _keep_user_frames(linked)
