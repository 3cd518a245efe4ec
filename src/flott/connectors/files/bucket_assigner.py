"""Which folder a record goes to: a bucket's id is a path below the sink's base path."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from flott.common.errors import SinkError
from flott.common.redaction import shorten_record
from flott.connectors.files.date_pattern import compile_pattern, parse_zone


@dataclass(frozen=True, slots=True)
class BucketContext:
    """What an assigner may look at besides the record.

    Attributes:
        timestamp: The record's event time in epoch milliseconds, if it has one.
        processing_time: Now, in epoch milliseconds.
    """

    timestamp: int | None
    processing_time: int


class BucketAssigner(ABC):
    """Gives the bucket of each record. Subclass it to choose by what a record holds:

    >>> class ByCountry(BucketAssigner):
    ...     def get_bucket_id(self, element, context):
    ...         return f"country={element['country']}"
    """

    @abstractmethod
    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        """The folder, relative to the base path; ``""`` is the base path itself."""

    def common_bucket_id(self, processing_time: int) -> str | None:
        """The bucket of all records written now; ``None`` if it depends on the record."""
        return None

    @staticmethod
    def base_path_bucket_assigner() -> BucketAssigner:
        """All files lie in the base path itself."""
        return _BasePathBucketAssigner()

    @staticmethod
    def date_time_bucket_assigner(
        format_str: str = "yyyy-MM-dd--HH", timezone_id: str | None = None
    ) -> BucketAssigner:
        """A folder for each hour, or each other span of time, by the time of writing.

        Args:
            format_str: The name of the folder, as a pattern of Java's DateTimeFormatter.
            timezone_id: ``"America/Los_Angeles"``, ``"GMT-08:00"``; the local zone if not given.

        Raises:
            ValueError: If the pattern or the zone means nothing here.

        >>> hourly = BucketAssigner.date_time_bucket_assigner(timezone_id="UTC")
        >>> hourly.common_bucket_id(1_782_896_400_000)
        '2026-07-01--09'
        """
        return _DateTimeBucketAssigner(format_str, timezone_id)


class _BasePathBucketAssigner(BucketAssigner):
    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return ""

    def common_bucket_id(self, processing_time: int) -> str:
        return ""


class _DateTimeBucketAssigner(BucketAssigner):
    def __init__(self, pattern: str, zone_id: str | None) -> None:
        self._pattern = pattern
        self._zone_id = zone_id
        self._prepare()

    def _prepare(self) -> None:
        self._write = compile_pattern(self._pattern)
        self._zone = parse_zone(self._zone_id)

    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return self.common_bucket_id(context.processing_time)

    def common_bucket_id(self, processing_time: int) -> str:
        moment = datetime.datetime.fromtimestamp(processing_time / 1000, datetime.UTC)
        return self._write(moment.astimezone(self._zone))

    def __getstate__(self) -> tuple[str, str | None]:
        return self._pattern, self._zone_id

    def __setstate__(self, state: tuple[str, str | None]) -> None:
        self._pattern, self._zone_id = state
        self._prepare()


def check_bucket_id(bucket_id: Any, element: Any = None) -> str:
    """Refuse a bucket outside the base path: its name may have come from the data.

    Raises:
        SinkError: If the id is not a relative path, or leads upwards or to hidden files.

    >>> check_bucket_id("country=NL/city=Delft")
    'country=NL/city=Delft'
    """
    reason = _find_fault(bucket_id)
    if reason is None:
        return str(bucket_id)
    raise SinkError(
        f"The bucket id {shorten_record(bucket_id, 80)} {reason}. It was assigned to the record "
        f"{shorten_record(element, 80)}; change the BucketAssigner to give a relative path."
    )


def _find_fault(bucket_id: Any) -> str | None:
    if not isinstance(bucket_id, str):
        return f"is not a string but {type(bucket_id).__name__}"
    if not bucket_id:
        return None
    if "\0" in bucket_id or "\\" in bucket_id:
        return "holds a character that paths cannot have"
    for name in bucket_id.split("/"):
        if name in ("", ".", ".."):
            return "would leave the sink's folder or has empty parts"
        if name.startswith("."):
            return "names a hidden folder"
    return None
