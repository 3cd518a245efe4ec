"""Which operator runs a windowed operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flott.operators.rows.window_aligned import (
    EventTimeWindowOperator,
    ProcessingTimeWindowOperator,
)
from flott.operators.rows.window_general import GeneralWindowOperator
from flott.operators.rows.window_operator import WindowOperator
from flott.operators.window.time_assigners import (
    SlidingEventTimeWindows,
    SlidingProcessingTimeWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from flott.operators.window.time_triggers import EventTimeTrigger, ProcessingTimeTrigger

if TYPE_CHECKING:
    from flott.operators.rows.window_spec import WindowedSpec

__all__ = ["choose_operator"]

#: Assigner -> the operator that does the same faster, and the only trigger it can replace.
#: Classes are compared exactly: a subclass may do something else.
_FAST: Final[dict[type, tuple[type[WindowOperator], type]]] = {
    TumblingEventTimeWindows: (EventTimeWindowOperator, EventTimeTrigger),
    SlidingEventTimeWindows: (EventTimeWindowOperator, EventTimeTrigger),
    TumblingProcessingTimeWindows: (ProcessingTimeWindowOperator, ProcessingTimeTrigger),
    SlidingProcessingTimeWindows: (ProcessingTimeWindowOperator, ProcessingTimeTrigger),
}


def choose_operator(spec: WindowedSpec) -> WindowOperator:
    """Make the fastest operator that does what the spec says."""
    fast, trigger = _FAST.get(type(spec.assigner), (None, None))
    if fast is not None and spec.evictor is None and type(spec.trigger) in (trigger, type(None)):
        return fast(spec)
    return GeneralWindowOperator(spec)
