"""Which operator runs a windowed operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flott.operators.rows.windows.aligned import (
    EventTimeWindowOperator,
    ProcessingTimeWindowOperator,
)
from flott.operators.rows.windows.count import CountWindowOperator
from flott.operators.rows.windows.general import GeneralWindowOperator
from flott.operators.rows.windows.operator import WindowOperator
from flott.operators.rows.windows.session import SessionWindowOperator
from flott.operators.rows.windows.sliced import SlicedWindowOperator
from flott.operators.window.count_assigners import (
    CountSlidingWindowAssigner,
    CountTumblingWindowAssigner,
)
from flott.operators.window.session_assigners import (
    DynamicEventTimeSessionWindows,
    EventTimeSessionWindows,
)
from flott.operators.window.time_assigners import (
    SlidingEventTimeWindows,
    SlidingProcessingTimeWindows,
    TimeWindowAssigner,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from flott.operators.window.time_triggers import EventTimeTrigger, ProcessingTimeTrigger

if TYPE_CHECKING:
    from flott.operators.rows.windows.spec import WindowedSpec

__all__ = ["choose_operator"]

#: Assigner -> the operator that does the same faster, and the only trigger it can replace.
#: Classes are compared exactly: a subclass may do something else.
_FAST: Final[dict[type, tuple[type[WindowOperator], type | None]]] = {
    TumblingEventTimeWindows: (EventTimeWindowOperator, EventTimeTrigger),
    SlidingEventTimeWindows: (EventTimeWindowOperator, EventTimeTrigger),
    TumblingProcessingTimeWindows: (ProcessingTimeWindowOperator, ProcessingTimeTrigger),
    SlidingProcessingTimeWindows: (ProcessingTimeWindowOperator, ProcessingTimeTrigger),
    EventTimeSessionWindows: (SessionWindowOperator, EventTimeTrigger),
    DynamicEventTimeSessionWindows: (SessionWindowOperator, EventTimeTrigger),
    CountTumblingWindowAssigner: (CountWindowOperator, None),
    CountSlidingWindowAssigner: (CountWindowOperator, None),
}


#: Windows a record is in from which on sharing slices saves more than merging them costs.
SHARED_WINDOWS_MIN: Final = 8


def choose_operator(spec: WindowedSpec) -> WindowOperator:
    """Make the fastest operator that does what the spec says."""
    operator, trigger = _FAST.get(type(spec.assigner), (GeneralWindowOperator, None))
    is_default = spec.trigger is None or type(spec.trigger) is trigger
    if spec.evictor is not None or not is_default:
        return GeneralWindowOperator(spec)
    if operator in (SessionWindowOperator, CountWindowOperator) and not spec.can_keep:
        return GeneralWindowOperator(spec)
    if operator is EventTimeWindowOperator and _shares_slices(spec):
        return SlicedWindowOperator(spec)
    return operator(spec)


def _shares_slices(spec: WindowedSpec) -> bool:
    assigner = spec.assigner
    assert isinstance(assigner, TimeWindowAssigner)
    windows, rest = divmod(assigner.size_ms, assigner.slide_ms)
    return rest == 0 and windows >= SHARED_WINDOWS_MIN and spec.can_share_slices
