"""What travels between the halves of a hybrid source, and what its enumerator keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flott.core.source import Source


@dataclass(frozen=True, slots=True)
class HybridSplit:
    """A split of source number ``index``."""

    index: int
    inner: Any

    @property
    def split_id(self) -> str:
        """Tells splits of different sources apart."""
        return f"{self.index}:{self.inner.split_id}"


@dataclass(frozen=True, slots=True)
class SwitchSource:
    """To a reader: source ``index`` is read now."""

    index: int
    source: Source


@dataclass(frozen=True, slots=True)
class SourceEnds:
    """To a reader: source ``index`` has no further split for it."""

    index: int


@dataclass(frozen=True, slots=True)
class SourceFinished:
    """From a reader: it has read all its splits of source ``index``."""

    index: int


@dataclass(frozen=True, slots=True)
class InnerEvent:
    """An event between the halves of source ``index``."""

    index: int
    event: Any


@dataclass(frozen=True, slots=True)
class HybridState:
    """What the enumerator keeps: the source in hand and the state of its own enumerator."""

    index: int
    source: Source
    inner: Any
