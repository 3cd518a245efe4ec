"""A process: a loop over an inbox, that may stall, be slow, or die at any moment.

Whatever happens to a process is posted to its inbox. The loop takes some of it, lets the machine
inside take a turn, and comes again when there is more to do or a deadline is reached.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from flott.core.blocking import BlockingCalls
from flott.testing.simulation.clock import SimulatedClock
from flott.testing.simulation.disk import SimulatedStorage
from flott.testing.simulation.faults import ProcessKilled

if TYPE_CHECKING:
    from flott.testing.simulation.world import World

T = TypeVar("T")

#: A loop looks around this often even if nothing happens, as the real ones do.
SLEEP_MAX_MS: Final = 1000.0
#: How long after a process has died its last calls may be done.
LATE_MS: Final = 60.0
#: No loop goes round faster, even if a deadline is due at once.
SLEEP_MIN_MS: Final = 0.02
#: What a turn takes in the mean.
TURN_MS: Final = 0.3
#: How much longer a slow turn takes.
SLOW_FACTOR: Final = 100.0


class Process:
    """What worker and coordinator processes share.

    Attributes:
        name: For the log; unlike that of any other process of the run.
        alive: Whether it has not died.
        clock: Its clock.
        storage: Its way to the disk.
        blocking: Its threads.
    """

    #: Whether calls under way may be done after the process has died.
    may_linger = False

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.alive = True
        skew = world.faults.plan.clock_skew_ms
        offset = world.scheduler.random.uniform(-skew, skew)
        self.clock = SimulatedClock(world.scheduler, int(offset))
        self.storage = SimulatedStorage(world.disk, world.faults)
        self.blocking: BlockingCalls = SimulatedCalls(self)
        self.stalled_until_us = 0
        self._inbox: deque[Callable[[], None]] = deque()
        self._token = 0
        self._due_us: int | None = None

    # --- for others --------------------------------------------------------------------------

    def post(self, call: Callable[[], None]) -> None:
        """Have the loop run ``call``, after what was posted before."""
        if self.alive:
            self._inbox.append(call)
            self._schedule(0.0)

    def wake(self) -> None:
        """Have the loop look around."""
        if self.alive:
            self._schedule(0.0)

    def stall(self, duration_ms: float) -> None:
        """Stop for a while, threads included."""
        self.stalled_until_us = self.world.scheduler.now_us + int(duration_ms * 1000)

    def run(self, call: Callable[[], None]) -> None:
        """Run something inside the process, which may die of it."""
        if not self.alive:
            return
        world = self.world
        before, world.current = world.current, self
        try:
            call()
        except ProcessKilled as killed:
            self.die(str(killed))
        finally:
            world.current = before

    def die(self, reason: str) -> None:
        """End at once. Calls under way may leave something half done."""
        if not self.alive:
            return
        self.alive = False
        self._inbox.clear()
        self.world.scheduler.note(f"{self.name} dies: {reason}")
        calls = self.blocking
        assert isinstance(calls, SimulatedCalls)
        faults = self.world.faults
        if self.may_linger and faults.strikes("late calls", faults.plan.late_call_share):
            calls.linger(LATE_MS)
        else:
            calls.tear()
        self.on_death(reason)

    # --- for subclasses ----------------------------------------------------------------------

    def turn(self) -> bool:
        """Let the machine inside take a turn; whether it did anything."""
        raise NotImplementedError

    def sleep_ms(self) -> float:
        """How long the loop may sleep if nothing happens."""
        raise NotImplementedError

    def on_death(self, reason: str) -> None:
        """The process has died."""

    # --- the loop ----------------------------------------------------------------------------

    def _schedule(self, delay_ms: float) -> None:
        scheduler = self.world.scheduler
        due = max(scheduler.now_us + int(delay_ms * 1000), self.stalled_until_us)
        if self._due_us is not None and self._due_us <= due:
            return
        self._token += 1
        token = self._token
        self._due_us = due

        def iterate() -> None:
            if self.alive and token == self._token:
                self._due_us = None
                if scheduler.now_us < self.stalled_until_us:
                    self._schedule(0.0)
                else:
                    self.run(self._iterate)

        scheduler.at(due, iterate)

    def _iterate(self) -> None:
        inbox = self._inbox
        for _ in range(self.world.scheduler.random.randint(1, len(inbox)) if inbox else 0):
            inbox.popleft()()
        worked = self.turn()
        if inbox or worked:
            self._schedule(self._turn_ms())
        else:
            self._schedule(max(SLEEP_MIN_MS, min(self.sleep_ms(), SLEEP_MAX_MS)))

    def _turn_ms(self) -> float:
        faults = self.world.faults
        slow = faults.strikes("slow turn", faults.plan.slow_turn_share)
        return self.world.scheduler.draw_delay(TURN_MS * (SLOW_FACTOR if slow else 1.0)) + 0.01


class SimulatedCalls(BlockingCalls):
    """The threads of a process: calls begin, end and answer at moments the scheduler chooses."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._waiting: dict[int, Callable[[], object]] = {}
        self._count = 0

    def submit(self, call: Callable[[], T], done: Callable[[T | BaseException], None]) -> None:
        self._count += 1
        number = self._count
        self._waiting[number] = call
        world = self._process.world
        delay_ms = world.storage_delay_ms()
        if world.faults.strikes("call hangs", world.faults.plan.hang_share):
            delay_ms = max(delay_ms, world.faults.plan.horizon_ms - world.scheduler.now_ms)
        world.scheduler.after(delay_ms, lambda: self._begin(number, call, done))

    def tear(self) -> None:
        """The process dies: what was under way comes to half an end, or to none."""
        process, world = self._process, self._process.world
        waiting, self._waiting = list(self._waiting.values()), {}
        process.storage.tearing = True
        for call in waiting:
            if world.faults.strikes("torn call", world.faults.plan.torn_share):
                try:
                    call()
                except (ProcessKilled, Exception):
                    continue  # nobody is left to hear of it

    def linger(self, within_ms: float) -> None:
        """The process dies, but what it has asked of storage is done yet, some time later."""
        world = self._process.world
        waiting, self._waiting = list(self._waiting.values()), {}
        for call in waiting:
            delay_ms = world.scheduler.random.uniform(0, within_ms)
            world.scheduler.after(delay_ms, lambda call=call: _do_silently(call))  # type: ignore[misc]

    def _begin(
        self, number: int, call: Callable[[], T], done: Callable[[T | BaseException], None]
    ) -> None:
        process = self._process
        if not process.alive:
            return
        scheduler = process.world.scheduler
        if scheduler.now_us < process.stalled_until_us:
            scheduler.at(process.stalled_until_us, lambda: self._begin(number, call, done))
            return
        process.run(lambda: self._call(number, call, done))

    def _call(
        self, number: int, call: Callable[[], T], done: Callable[[T | BaseException], None]
    ) -> None:
        self._waiting.pop(number, None)
        result: T | BaseException
        try:
            result = call()
        except Exception as error:  # handed to whoever asked for the call
            result = error
        process = self._process
        answer_ms = process.world.storage_delay_ms() / 4
        process.world.scheduler.after(answer_ms, lambda: process.post(lambda: done(result)))


def _do_silently(call: Callable[[], object]) -> None:
    with suppress(ProcessKilled, Exception):  # nobody is left to hear of it
        call()
