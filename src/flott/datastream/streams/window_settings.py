"""The settings that all windowed operations share: trigger, evictor, lateness."""

from __future__ import annotations

from typing import Any, Self

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.common.time import Duration, Time, to_milliseconds
from flott.operators.window import Evictor, MergingWindowAssigner, Trigger, WindowAssigner

__all__ = ["WindowSettings"]


class WindowSettings:
    """How records are grouped and when groups are computed.

    Args:
        window_assigner: sorts records into windows.

    Raises:
        TypeError: if it is not one.
    """

    def __init__(self, window_assigner: WindowAssigner[Any, Any]) -> None:
        if not isinstance(window_assigner, WindowAssigner):
            raise TypeError(f"window: expected a WindowAssigner, found {window_assigner!r}")
        self._window_assigner = window_assigner
        self._trigger: Trigger[Any, Any] | None = None
        self._evictor: Evictor[Any, Any] | None = None
        self._allowed_lateness_ms = 0
        self._late_tag: OutputTag | None = None

    def trigger(self, trigger: Trigger[Any, Any]) -> Self:
        """Decide otherwise than the assigner when a window is computed.

        Raises:
            TypeError: if it is not a Trigger, or cannot merge although the windows do.
        """
        if not isinstance(trigger, Trigger):
            raise TypeError(f"trigger: expected a Trigger, found {trigger!r}")
        if isinstance(self._window_assigner, MergingWindowAssigner) and not trigger.can_merge():
            raise TypeError(
                f"trigger: {type(self._window_assigner).__name__} merges windows and "
                f"{type(trigger).__name__} cannot. Implement can_merge() and on_merge()."
            )
        self._trigger = trigger
        return self

    def evictor(self, evictor: Evictor[Any, Any]) -> Self:
        """Take records out of windows before or after they are computed. Beyond PyFlink.

        All records of a window are kept then, also where they could be aggregated as they come.
        """
        if not isinstance(evictor, Evictor):
            raise TypeError(f"evictor: expected an Evictor, found {evictor!r}")
        self._evictor = evictor
        return self

    def allowed_lateness(self, time_ms: int | Time | Duration) -> Self:
        """Keep windows after their end, and compute them again for each late record.

        Args:
            time_ms: for how long, in ms of event time.

        Raises:
            ProgramError: if it is negative.
        """
        lateness_ms = to_milliseconds(time_ms)
        if lateness_ms < 0:
            raise ProgramError(f"The allowed lateness must not be negative, found {lateness_ms} ms")
        self._allowed_lateness_ms = lateness_ms
        return self

    def side_output_late_data(self, output_tag: OutputTag) -> Self:
        """Send records that come too late to a side output; else they are dropped and counted."""
        if not isinstance(output_tag, OutputTag):
            raise TypeError(f"side_output_late_data: expected an OutputTag, found {output_tag!r}")
        self._late_tag = output_tag
        return self

    def _spec_settings(self) -> dict[str, Any]:
        return {
            "assigner": self._window_assigner,
            "trigger": self._trigger,
            "evictor": self._evictor,
            "allowed_lateness_ms": self._allowed_lateness_ms,
            "late_tag": self._late_tag,
        }

    def _describe(self, kind: str, *functions: Any) -> str:
        trigger = self._trigger or self._window_assigner.get_default_trigger(None)
        named = ", ".join(
            getattr(each, "__name__", type(each).__name__) for each in functions if each is not None
        )
        return f"{kind}({self._window_assigner!r}, {type(trigger).__name__}, {named})"
