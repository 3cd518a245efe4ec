"""What all processes of a run share: time, chance, faults, the disk, the outside store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flott.testing.simulation.disk import Disk
from flott.testing.simulation.faults import FaultPlan, Faults, InjectedFailure
from flott.testing.simulation.outside import OutsideStore
from flott.testing.simulation.scheduler import Scheduler

if TYPE_CHECKING:
    from flott.testing.simulation.process import Process


class World:
    """The surroundings of the processes.

    Attributes:
        disk: Where checkpoints go.
        store: Where results go.
        current: The process in whose name code runs now, if any.
        violations: What must never happen and did.
    """

    def __init__(self, seed: int, plan: FaultPlan, keep_log: bool = False) -> None:
        self.seed = seed
        self.scheduler = Scheduler(seed, keep_log=keep_log)
        self.faults = Faults(plan, self.scheduler)
        self.disk = Disk()
        self.store = OutsideStore(self)
        self.current: Process | None = None
        self.violations: list[str] = []

    def violate(self, text: str) -> None:
        """Something happened that must never happen."""
        self.scheduler.note(f"VIOLATION: {text}")
        self.violations.append(f"at {self.scheduler.now_ms:.3f} ms: {text}")

    def fail_function(self) -> None:
        """A user's function is called and may fail."""
        if self.faults.strikes("function fails", self.faults.plan.function_failure_share):
            raise InjectedFailure("the function fails here")

    def storage_delay_ms(self) -> float:
        """How long a blocking call takes."""
        faults = self.faults
        return self.scheduler.draw_delay(faults.plan.storage_delay_ms if faults.active else 1.0)

    def control_delay_ms(self) -> float:
        """How long a control message is under way."""
        faults = self.faults
        return self.scheduler.draw_delay(faults.plan.control_delay_ms if faults.active else 0.2)

    def data_delay_ms(self) -> float:
        """How long a batch or credit is under way."""
        faults = self.faults
        return self.scheduler.draw_delay(faults.plan.data_delay_ms if faults.active else 0.2)
