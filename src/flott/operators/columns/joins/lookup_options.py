"""What tables and hints say about look-ups: caches, asynchronous calls, trying again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flott.common.errors import ConfigurationError
from flott.common.quantity_text import nanos_of_text

_MS_NANOS: Final = 1_000_000
_CACHES: Final = ("NONE", "PARTIAL", "FULL")


@dataclass(frozen=True)
class LookupOptions:
    """How rows are looked up.

    Attributes:
        cache: NONE; PARTIAL, which remembers what was found; FULL, which remembers everything and
            forgets it at each reload.
        max_rows: How many keys a PARTIAL cache remembers; ``None`` for all.
        expire_after_write_ms: How long a key is remembered; ``None`` for ever.
        expire_after_access_ms: How long after it was last asked for.
        caches_missing: Whether keys without rows are remembered, too.
        reload_ms: How often a FULL cache is forgotten; ``None`` for never.
        is_async: Whether several calls may be under way.
        timeout_ms: How long a call may take with all its attempts; 0 for ever.
        attempts_max: How often a key is asked for that has no rows; 1 for no retry.
        retry_delay_ms: The pause before asking again.
    """

    cache: str = "NONE"
    max_rows: int | None = None
    expire_after_write_ms: int | None = None
    expire_after_access_ms: int | None = None
    caches_missing: bool = True
    reload_ms: int | None = None
    is_async: bool = False
    timeout_ms: int = 0
    attempts_max: int = 1
    retry_delay_ms: int = 0

    @staticmethod
    def parse(table_options: Mapping[str, str], hint: Mapping[str, str]) -> LookupOptions:
        """The options of a table (``lookup.*``) and of a LOOKUP hint.

        Raises:
            ConfigurationError: A value is not understood; the message names the key.

        >>> LookupOptions.parse({"lookup.cache": "PARTIAL"}, {"async": "true"}).cache
        'PARTIAL'
        """
        table = _Reader(table_options)
        asked = _Reader(hint)
        cache = table.choice("lookup.cache", _CACHES, "NONE")
        partial, full = "lookup.partial-cache.", "lookup.full-cache."
        retries = asked.choice("retry-predicate", ("lookup_miss",), "") != ""
        if retries:
            asked.choice("retry-strategy", ("fixed_delay",), "fixed_delay")
        is_async = asked.flag("async", False)
        return LookupOptions(
            cache=cache,
            max_rows=table.number(partial + "max-rows"),
            expire_after_write_ms=table.duration(partial + "expire-after-write"),
            expire_after_access_ms=table.duration(partial + "expire-after-access"),
            caches_missing=table.flag(partial + "cache-missing-key", True),
            reload_ms=table.duration(full + "periodic-reload.interval"),
            is_async=is_async,
            timeout_ms=(asked.duration("timeout") or 0) if is_async else 0,
            attempts_max=1 + (asked.number("max-attempts") or 0) if retries else 1,
            retry_delay_ms=(asked.duration("fixed-delay") or 0) if retries else 0,
        )


class _Reader:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self._values.get(key)
        if value is None:
            return default
        for each in allowed:
            if each.lower() == value.lower():
                return each
        raise ConfigurationError(f"'{key}' is '{value}'; it may be {', '.join(allowed)}")

    def number(self, key: str) -> int | None:
        return self._parsed(key, int, "a whole number")

    def duration(self, key: str) -> int | None:
        nanos = self._parsed(key, nanos_of_text, "a duration, such as 10 s")
        return None if nanos is None else nanos // _MS_NANOS

    def flag(self, key: str, default: bool) -> bool:
        return self.choice(key, ("true", "false"), str(default).lower()) == "true"

    def _parsed(self, key: str, parse: Callable[[str], int], wanted: str) -> int | None:
        value = self._values.get(key)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError as error:
            raise ConfigurationError(f"'{key}' is '{value}'; it must be {wanted}") from error
