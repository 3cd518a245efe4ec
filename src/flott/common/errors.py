"""Every error Flott raises on purpose, and what each one means to the person who reads it.

The tree, from the root:

    FlottError
    ├── ConfigurationError            an option has a value it cannot have
    │   └── UnknownOptionError        no option has this key; names the nearest one
    ├── UnsupportedFeature            known, but not here; names the feature and its successor
    ├── ProgramError                  the program cannot be run as it is written
    │   ├── TypeMismatchError         a value does not fit the declared type
    │   ├── StateAccessError          state touched where no key is current
    │   ├── DuplicateUidError         two operators claim the same uid
    │   └── UnpicklableError          a function or value cannot travel to a worker
    ├── CheckpointError               a checkpoint could not be taken
    │   ├── DamagedCheckpointError    a stored checkpoint is incomplete or altered
    │   └── RestoreError              a sound checkpoint does not fit this program
    ├── SourceError                   input could not be read
    │   └── MalformedRecordError      one record of the input is broken; names its position
    ├── SinkError                     output could not be written or committed
    ├── JobExecutionError             the job failed; carries operator, record and user traceback
    └── JobCancelledError             the job was cancelled before it ended

Where PyFlink raises a built-in exception for the same mistake, ours inherits from that built-in
too, so existing ``except ValueError`` clauses keep working. All of them survive pickling, because
they travel from workers to the client.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CheckpointError",
    "ConfigurationError",
    "DamagedCheckpointError",
    "DuplicateUidError",
    "FlottError",
    "JobCancelledError",
    "JobExecutionError",
    "MalformedRecordError",
    "ProgramError",
    "RestoreError",
    "SinkError",
    "SourceError",
    "StateAccessError",
    "TypeMismatchError",
    "UnknownOptionError",
    "UnpicklableError",
    "UnsupportedFeature",
]


def _rebuild(cls: type[FlottError], args: tuple[Any, ...], fields: dict[str, Any]) -> FlottError:
    """Make an error again from its pickled parts, without running its constructor."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(fields)
    return error


class FlottError(Exception):
    """Root of all errors raised by Flott; catch it to catch them all."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class ConfigurationError(FlottError, ValueError):
    """An option has a value it cannot have.

    Args:
        message: what is wrong and what would be right.
        key: the key of the option, if one option is to blame.
    """

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class UnknownOptionError(ConfigurationError):
    """No option has this key.

    >>> print(UnknownOptionError("paralelism.default", nearest="parallelism.default"))
    Unknown option 'paralelism.default'. Did you mean 'parallelism.default'?
    """

    def __init__(self, key: str, *, nearest: str | None = None) -> None:
        hint = (
            f"Did you mean '{nearest}'?"
            if nearest
            else "Parameters of your own belong into 'pipeline.global-job-parameters'."
        )
        super().__init__(f"Unknown option '{key}'. {hint}", key=key)
        self.nearest = nearest


class UnsupportedFeature(FlottError, NotImplementedError):
    """A feature that PyFlink names but that does not exist here.

    >>> print(UnsupportedFeature("DataStream.add_sink", successor="DataStream.sink_to"))
    DataStream.add_sink is not supported. Use DataStream.sink_to instead.
    """

    def __init__(self, feature: str, *, successor: str | None = None, reason: str = "") -> None:
        parts = [f"{feature} is not supported."]
        if reason:
            parts.append(reason)
        if successor:
            parts.append(f"Use {successor} instead.")
        super().__init__(" ".join(parts))
        self.feature = feature
        self.successor = successor


class ProgramError(FlottError, ValueError):
    """The program cannot be run as it is written; the message says which call to change."""


class TypeMismatchError(ProgramError, TypeError):
    """A value does not fit the type that was declared for it.

    Args:
        declared: the declared type, as ``str(TypeInformation)`` prints it.
        found: the class of the value, with the value shortened.
        path: the way from the record to the value, for example ``field 'name'[2]``.
        reason: what exactly does not fit, if the types alone do not tell.

    Attributes:
        record_index: in a batch, the index of the record; None if there was no batch.

    >>> print(TypeMismatchError("Integer", "str 'seven'", "field 'age'"))
    field 'age': declared as Integer, found str 'seven'
    """

    def __init__(self, declared: str, found: str, path: str = "", reason: str = "") -> None:
        super().__init__(declared, found)
        self.declared = declared
        self.found = found
        self.path = path
        self.reason = reason
        self.record_index: int | None = None

    def within(self, step: str) -> TypeMismatchError:
        """Prepend one step to the path, as the error climbs out of nested values.

        >>> TypeMismatchError("Long", "str 'x'", "[2]").within("field 'b'").within("field 'a'").path
        "field 'a'.'b'[2]"
        """
        inner = self.path
        if inner.startswith("field "):
            inner = "." + inner.removeprefix("field ")
        self.path = step + inner
        return self

    def __str__(self) -> str:
        where = self.path or "value"
        why = f" ({self.reason})" if self.reason else ""
        return f"{where}: declared as {self.declared}, found {self.found}{why}"


class StateAccessError(ProgramError):
    """State was touched where no key is current, or in a way its kind does not allow."""


class DuplicateUidError(ProgramError):
    """Two operators claim the same uid, so their state could not be told apart.

    >>> print(DuplicateUidError("counter", "Map", "KeyedProcess"))
    The uid 'counter' is used by 'Map' and by 'KeyedProcess'. Give each operator its own uid.
    """

    def __init__(self, uid: str, first: str, second: str) -> None:
        super().__init__(
            f"The uid '{uid}' is used by '{first}' and by '{second}'. "
            "Give each operator its own uid."
        )
        self.uid = uid


class UnpicklableError(ProgramError, TypeError):
    """A function or a value cannot be pickled, so it cannot travel to a worker."""


class CheckpointError(FlottError):
    """A checkpoint or savepoint could not be taken; the job itself may go on."""


class DamagedCheckpointError(CheckpointError):
    """A stored checkpoint is incomplete or was altered.

    Args:
        path: the file in which the damage was noticed.
        reason: what is wrong with it (missing, wrong length, wrong checksum, unreadable).
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"Checkpoint file {path} is damaged: {reason}")
        self.path = path
        self.reason = reason


class RestoreError(CheckpointError):
    """A sound checkpoint does not fit this program; the message names the operator or state."""


class SourceError(FlottError):
    """Input could not be read."""


class MalformedRecordError(SourceError, ValueError):
    """One record of the input is broken.

    Args:
        reason: what is wrong with the record.
        file: the file, topic or address it came from.
        line: its line number, counted from 1.
        position: its byte or record offset, where there are no lines.
        record: the record itself, already shortened and masked.

    >>> print(MalformedRecordError("expected 3 columns", file="a.csv", line=7, record="1,x"))
    a.csv, line 7: expected 3 columns: 1,x
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | None = None,
        line: int | None = None,
        position: int | None = None,
        record: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.file = file
        self.line = line
        self.position = position
        self.record = record

    def describe_position(self) -> str:
        """Say where the record stands, for example ``orders.csv, line 7``."""
        parts = [self.file] if self.file else []
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.position is not None:
            parts.append(f"position {self.position}")
        return ", ".join(parts)

    def __str__(self) -> str:
        parts = [self.describe_position(), self.reason, self.record]
        return ": ".join(part for part in parts if part)


class SinkError(FlottError):
    """Output could not be written or committed."""


class JobExecutionError(FlottError):
    """The job failed. Printed, it shows the user's own frames first and stays short.

    Args:
        message: one sentence, usually the type and text of the first cause.
        job_name: the name given to ``execute``.
        operator: the name of the operator whose function failed.
        subtask: index of the parallel instance and their number, as ``(0, 4)``.
        location: where the program made the operator, as ``job.py:12``.
        record: the record in hand, already shortened and masked.
        position: where the record came from, for example ``orders.csv, line 7``.
        user_traceback: the traceback, the user's frames only.
        engine_traceback: the whole traceback, shown with ``flott.errors.engine-frames``.
    """

    def __init__(
        self,
        message: str,
        *,
        job_name: str | None = None,
        operator: str | None = None,
        subtask: tuple[int, int] | None = None,
        record: str | None = None,
        position: str | None = None,
        user_traceback: str | None = None,
        engine_traceback: str | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.job_name = job_name
        self.operator = operator
        self.subtask = subtask
        self.record = record
        self.position = position
        self.user_traceback = user_traceback
        self.engine_traceback = engine_traceback
        self.location = location

    def __str__(self) -> str:
        lines = [self.user_traceback.rstrip()] if self.user_traceback else []
        lines.append(self.message)
        if self.operator is not None:
            made = f", made at {self.location}" if self.location else ""
            lines.append(f"  in operator: {self.operator}{self._subtask_text()}{made}")
        if self.record is not None:
            lines.append(f"  on record: {self.record}")
        if self.position is not None:
            lines.append(f"  read from: {self.position}")
        if self.engine_traceback:
            lines.append(self.engine_traceback.rstrip())
        return "\n".join(lines)

    def _subtask_text(self) -> str:
        if self.subtask is None or self.subtask[1] == 1:
            return ""
        return f" (subtask {self.subtask[0] + 1} of {self.subtask[1]})"


class JobCancelledError(FlottError):
    """The job was cancelled before it ended, so there is no result to give."""
