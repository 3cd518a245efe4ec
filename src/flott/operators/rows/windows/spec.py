"""What the specs of all windowed operations share: settings, their checks, choice of operator.

Several operators do the same work in different ways: those for time windows, sessions and count
windows that fire once and need no opinion, and one that asks assigner, trigger and evictor about
every record. The former are many times faster, so they are taken whenever a program's settings
allow it; results are the same.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.core.keyed_store import KeyedStore
from flott.core.operator import Operator, OperatorSpec
from flott.operators.rows.functions import describe_function
from flott.operators.rows.windows.context import ProcessWindowContext
from flott.operators.rows.windows.fold import Fold
from flott.operators.rows.windows.functions import WindowCall
from flott.operators.rows.windows.keep import Keep
from flott.operators.rows.windows.panes import Panes
from flott.operators.window.assigner import MergingWindowAssigner, WindowAssigner
from flott.operators.window.evictors import Evictor, TimestampedValue
from flott.operators.window.time_assigners import (
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
    WindowStagger,
)
from flott.operators.window.trigger import Trigger

__all__ = ["WindowedSpec"]


@dataclass(frozen=True, kw_only=True)
class WindowedSpec(OperatorSpec):
    """Base of the specs of windowed operations.

    Args:
        assigner: sorts records into windows.
        trigger: decides when windows are computed; ``None`` for the assigner's own.
        evictor: takes records out of windows; ``None`` for none.
        allowed_lateness_ms: how long after its end a window is kept for late records.
        late_tag: the side output for records later than that; ``None`` to count and drop them.
        output_type: the declared type of the results; ``None`` lets any object pass.

    Raises:
        ValueError: the lateness is negative, or the trigger cannot merge windows that do.
        TypeError: assigner, trigger or evictor is something else.
    """

    assigner: WindowAssigner[Any, Any]
    trigger: Trigger[Any, Any] | None = None
    evictor: Evictor[Any, Any] | None = None
    allowed_lateness_ms: int = 0
    late_tag: OutputTag | None = None
    output_type: Any = None

    def __post_init__(self) -> None:
        _check_instance(self.assigner, WindowAssigner)
        _check_instance(self.trigger, Trigger, type(None))
        _check_instance(self.evictor, Evictor, type(None))
        _check_instance(self.late_tag, OutputTag, type(None))
        if self.allowed_lateness_ms < 0:
            raise ValueError(
                f"The allowed lateness must not be negative, found {self.allowed_lateness_ms} ms."
            )
        if self.is_merging and not self.effective_trigger.can_merge():
            raise ProgramError(
                f"{type(self.assigner).__name__} merges windows, and the trigger "
                f"{self.effective_trigger!r} cannot. Use another trigger, or implement can_merge() "
                "and on_merge()."
            )

    @property
    def is_merging(self) -> bool:
        """Whether windows may merge."""
        return isinstance(self.assigner, MergingWindowAssigner)

    @property
    def effective_trigger(self) -> Trigger[Any, Any]:
        """The trigger set, or the assigner's own."""
        return self.trigger or self.assigner.get_default_trigger(None)

    @property
    def kind(self) -> str:
        return type(self.assigner).__name__

    @property
    def meaning(self) -> str:
        return ", ".join(describe_function(function) for function in self.functions)

    def assigner_of(self, now_ms: int, subtask: int) -> WindowAssigner[Any, Any]:
        """The assigner of one subtask: the same for all unless windows are staggered."""
        assigner = self.assigner
        if (
            isinstance(assigner, TumblingEventTimeWindows | TumblingProcessingTimeWindows)
            and assigner.stagger is not WindowStagger.ALIGNED
        ):
            return assigner.with_stagger(now_ms, subtask)
        return assigner

    def build(self) -> Operator:
        from flott.operators.rows.windows.choice import choose_operator

        return choose_operator(self)

    @property
    @abstractmethod
    def key_selectors(self) -> tuple[Any, ...]:
        """The key selector of each input; ``None`` where windows are not keyed."""

    @property
    @abstractmethod
    def functions(self) -> tuple[Any, ...]:
        """The user's functions, at least one."""

    @abstractmethod
    def make_panes(self, store: KeyedStore) -> Panes:
        """Where the contents of windows are kept."""

    @property
    def fold(self) -> Fold | None:
        """How records are folded as they come; ``None`` if all are kept."""
        return None

    @property
    def can_share_slices(self) -> bool:
        """Whether windows that overlap may fold a record once for all of them."""
        return False

    @property
    def can_keep(self) -> bool:
        """Whether contents can stand inside other entries of state."""
        return False

    def make_keep(self, store: KeyedStore) -> Keep:
        """How contents stand inside other entries of state."""
        raise NotImplementedError(f"{type(self).__name__} keeps contents in panes only")

    @abstractmethod
    def bind_call(self, context: ProcessWindowContext) -> WindowCall | None:
        """The function that is given a pane's contents; ``None`` if these are the results."""

    @abstractmethod
    def bind_clear(self, context: ProcessWindowContext) -> Callable[[Any], None] | None:
        """What to call with a window that is gone for good, if anything."""

    @abstractmethod
    def contents_of(self, elements: list[TimestampedValue[Any]]) -> Any:
        """What the function is given for the records that an evictor left."""


def _check_instance(found: Any, *classes: type) -> None:
    if not isinstance(found, classes):
        raise TypeError(f"Expected a {classes[0].__name__}, found {found!r}.")
