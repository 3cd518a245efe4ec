"""What happens to a record that cannot be read: ``flott.source.on-error``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final

from flott.common.errors import ConfigurationError, MalformedRecordError
from flott.common.options.flott import SOURCE_ON_ERROR
from flott.common.redaction import mask_text
from flott.core.context import OperatorContext
from flott.core.source import RejectedRecord

_SHOWN_BYTES_MAX: Final = 200


class OnError(Enum):
    """What a source does with a part of its input that is not a record."""

    FAIL = "fail"
    """The job fails, naming file, line and position."""
    SKIP = "skip"
    """It is left out and counted as ``numRecordsInErrors``."""
    DEAD_LETTER = "dead-letter"
    """It is counted and sent to the side output ``OutputTag("rejected-records")``."""

    @staticmethod
    def parse(value: OnError | str) -> OnError:
        """Read the option's value.

        Raises:
            ConfigurationError: If there is no such choice.

        >>> OnError.parse("skip")
        <OnError.SKIP: 'skip'>
        """
        try:
            return OnError(value)
        except ValueError:
            choices = ", ".join(choice.value for choice in OnError)
            raise ConfigurationError(
                f"{SOURCE_ON_ERROR.key} cannot be {value!r}; choose one of {choices}",
                key=SOURCE_ON_ERROR.key,
            ) from None


def derive_error(record: RejectedRecord) -> MalformedRecordError:
    """The error about a broken record; its text shortened, secrets masked."""
    return MalformedRecordError(
        record.reason,
        file=record.source,
        line=record.line,
        position=record.position,
        record=shorten_raw(record.raw),
    )


def shorten_raw(raw: bytes) -> str:
    """The beginning of a broken record as text, secrets masked.

    >>> shorten_raw(b'{"password": "enigma", ')
    '{"password": "******", '
    """
    text = mask_text(raw[:_SHOWN_BYTES_MAX].decode("utf-8", "replace"))
    return text + ("..." if len(raw) > _SHOWN_BYTES_MAX else "")


class BadRecords:
    """Treats the broken records of one reader as the user chose.

    Args:
        context: Gives the option and the metric.
        choice: What the source itself was told; ``None`` to follow the option.
        derive: Makes the error about a record, if the job is to fail.
    """

    def __init__(
        self,
        context: OperatorContext,
        choice: OnError | None = None,
        derive: Callable[[Any], MalformedRecordError] = derive_error,
    ) -> None:
        if choice is None:
            choice = OnError.parse(context.configuration.get(SOURCE_ON_ERROR))
        self.choice = choice
        self._derive = derive
        self._counter = context.metrics.counter("numRecordsInErrors")

    @property
    def needs_lines(self) -> bool:
        """Whether anybody will see the number of a broken record's line."""
        return self.choice is not OnError.SKIP

    def handle(self, records: Sequence[RejectedRecord]) -> Sequence[RejectedRecord]:
        """Count them, and give those that belong into the side output.

        Raises:
            MalformedRecordError: If the job is to fail; about the first one.
        """
        if self.choice is OnError.FAIL:
            raise self._derive(records[0])
        self._counter.inc(len(records))
        return records if self.choice is OnError.DEAD_LETTER else ()
