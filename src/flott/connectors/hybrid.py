"""Several sources one after the other: history from files, then what is live.

All readers finish a source before any begins the next one. Its enumerator then hands over: a
factory may look at it, and make the next source start where it ended.

What travels between the two halves: a reader that is done with source i says ``SourceFinished(i)``;
when all have said so the enumerator makes source i + 1 and tells every reader ``SwitchSource``.
Splits carry the number of their source, and after a restore a reader learns from
``SwitchSource`` where the job stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.connectors.hybrid_enumerator import HybridEnumerator, SourceFactory
from flott.connectors.hybrid_reader import HybridReader
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitEnumerator,
)


class HybridSource(Source):
    """Reads sources one after the other; made by a builder.

    >>> from flott.connectors.number_sequence import NumberSequenceSource
    >>> first = NumberSequenceSource(1, 3)
    >>> source = HybridSource.builder(first).add_source(NumberSequenceSource(4, 6)).build()
    >>> source.boundedness.value
    'bounded'
    """

    def __init__(self, steps: Sequence[Source | SourceFactory], boundedness: Boundedness) -> None:
        self._steps = tuple(steps)
        self._boundedness = boundedness

    @staticmethod
    def builder(first_source: Source) -> HybridSourceBuilder:
        """Begin with a source that ends.

        Raises:
            ValueError: If it never ends.
        """
        return HybridSourceBuilder(first_source)

    @property
    def boundedness(self) -> Boundedness:
        return self._boundedness

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        return HybridEnumerator(context, self._steps, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return HybridReader(context)


class HybridSourceBuilder:
    """Collects the sources of a ``HybridSource``."""

    def __init__(self, first_source: Source) -> None:
        if not isinstance(first_source, Source):
            raise TypeError(f"Expected a source, found {first_source!r}")
        self._steps: list[Source | SourceFactory] = [first_source]
        self._boundedness = first_source.boundedness

    def add_source(
        self,
        source: Source | SourceFactory,
        boundedness: Boundedness | None = None,
    ) -> HybridSourceBuilder:
        """Go on with another source.

        Args:
            source: The source, or a function that makes it: it is called with the enumerator of the
                source before, when that has been read to its end.
            boundedness: Whether what such a function makes ends; it must be given then.

        Raises:
            ValueError: If the source before never ends, or boundedness is missing.
            TypeError: If it is neither a source nor a function.
        """
        if self._boundedness is Boundedness.CONTINUOUS_UNBOUNDED:
            raise ValueError("Nothing can follow a source that never ends")
        if isinstance(source, Source):
            boundedness = source.boundedness
        elif not callable(source):
            raise TypeError(f"Expected a source or a function that makes one, found {source!r}")
        elif boundedness is None:
            raise ValueError("Say with boundedness whether the source that is made then ends")
        self._steps.append(source)
        self._boundedness = boundedness
        return self

    def build(self) -> HybridSource:
        """Make the source."""
        return HybridSource(self._steps, self._boundedness)
