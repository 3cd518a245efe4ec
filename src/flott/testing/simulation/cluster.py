"""Coordinator and workers of one job as processes of the simulation.

What the deployers do with operating-system processes and sockets is done here with objects: start
workers, carry messages, notice deaths, hand out addresses with each deployment.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.core.storage import CheckpointStorage
from flott.deploy.composition import runtime_services
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.failures import EARLY_DEATHS_MAX
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.coordinator.status import TERMINAL, JobPhase
from flott.runtime.messages import (
    AssignSplits,
    CancelTasks,
    CheckpointAborted,
    CheckpointAcknowledged,
    CheckpointCompleted,
    CheckpointDeclined,
    DeployTasks,
    FinishTasks,
    SplitRequested,
    StartTasks,
    TaskDrained,
    TaskFinished,
    TasksCancelled,
    TasksDeployed,
    ToCoordinator,
    ToWorker,
    TriggerCheckpoint,
)
from flott.testing.simulation.invariants import check_failure
from flott.testing.simulation.network import Pipe, SimulatedTransport
from flott.testing.simulation.process import Process
from flott.testing.simulation.variants import Variant
from flott.testing.simulation.world import World

_POINTS: Final[Mapping[type, str]] = {
    DeployTasks: "deploying",
    TasksDeployed: "deployed",
    StartTasks: "starting",
    TriggerCheckpoint: "triggering",
    CheckpointAcknowledged: "acknowledging",
    CheckpointDeclined: "declining",
    AssignSplits: "assigning a split",
    SplitRequested: "requesting a split",
    CheckpointCompleted: "completing",
    CheckpointAborted: "aborting",
    TaskDrained: "drained",
    FinishTasks: "finishing",
    TaskFinished: "finished",
    CancelTasks: "cancelling",
    TasksCancelled: "cancelled",
}
#: How long a process takes to start, in the mean, and a death to be noticed.
START_MS: Final = 3.0
NOTICE_MS: Final = 1.0
#: How long a worker that has lost its coordinator, or was given up by it, lives at most.
ZOMBIE_MS: Final = 60.0
#: Early deaths left to crashes: after too many in a row the job rightly gives up.
CRASHES_SPARED: Final = 2
#: Where savepoints go; everything is on the one disk.
SAVEPOINTS: Final = "/savepoints"


def describe(message: object) -> str:
    """A message in a few words, for the log."""
    number = getattr(message, "checkpoint_id", None)
    task = getattr(message, "task", None)
    where = "" if task is None else f" {task.vertex_id}.{task.subtask}"
    return f"{type(message).__name__}{where}" + ("" if number is None else f" {number}")


class WorkerProcess(Process):
    """A worker machine and its connections."""

    may_linger = True

    def __init__(self, name: str, index: int, coordinator: CoordinatorProcess) -> None:
        super().__init__(name, coordinator.world)
        self.index = index
        self.coordinator = coordinator
        world, cluster = self.world, coordinator.cluster
        self.to_worker = Pipe(world.scheduler, world.control_delay_ms)
        self.to_coordinator = Pipe(world.scheduler, world.control_delay_ms)
        self.transport = SimulatedTransport(self)
        plain = runtime_services(
            Configuration.from_dict(dict(cluster.options)),
            self.clock,
            self.blocking,
            self.storage,
            self.wake,
        )
        services = replace(plain, isolate=isolator(world), open_storage=self.open_storage)
        variant = cluster.variant
        self.worker = variant.worker(
            index, variant.services(services), self.transport, self._report
        )

    def open_storage(self, root: str) -> CheckpointStorage:
        """Everything is on the one disk."""
        return self.storage

    def take(self, message: ToWorker, peers: Mapping[int, WorkerProcess]) -> None:
        """A message of the coordinator has arrived."""
        self.world.scheduler.note(f"{self.name} gets {describe(message)}")
        if isinstance(message, DeployTasks):
            self.transport.peers = peers
        self.worker.handle(message)

    def turn(self) -> bool:
        return self.worker.turn()

    def sleep_ms(self) -> float:
        deadline = self.worker.next_deadline_ms
        return float("inf") if deadline is None else max(0, deadline - self.clock.now_ms())

    def on_death(self, reason: str) -> None:
        faults = self.world.faults
        if faults.strikes("connection cut", faults.plan.cut_share):
            self.to_coordinator.is_cut = True
            self._after(self.coordinator.lose)
        else:
            self.to_coordinator.send(lambda: self._after(self.coordinator.lose))

    def _after(self, call: Callable[[WorkerProcess], None]) -> None:
        scheduler = self.world.scheduler
        scheduler.after(scheduler.draw_delay(NOTICE_MS), lambda: call(self))

    def _report(self, message: ToCoordinator) -> None:
        faults = self.world.faults
        point = _POINTS.get(type(message))
        if point is not None:
            faults.pass_point(point)
        is_ack = isinstance(message, CheckpointAcknowledged)
        twice = is_ack and faults.strikes("acknowledged twice", faults.plan.duplicate_share)
        for _ in range(2 if twice else 1):
            self.to_coordinator.send(lambda: self.coordinator.arrive(self, message))


class CoordinatorProcess(Process):
    """A job machine and its connections to workers.

    Attributes:
        machine: The job machine.
        workers: The connected worker of each index.
        phase: What the job machine said last.
        stopped_into: The savepoint that the job was stopped with, if it was.
    """

    def __init__(self, name: str, cluster: Cluster, plan: JobPlan) -> None:
        super().__init__(name, cluster.world)
        self.cluster = cluster
        self.workers: dict[int, WorkerProcess] = {}
        self.phase = JobPhase.CREATED
        self.all_workers: list[WorkerProcess] = []
        self.stopped_into: str | None = None
        self._untold_deaths = 0
        self._sent = 0
        services = CoordinatorServices(
            start_id=name.replace("coordinator.", "start"),
            clock=self.clock,
            blocking=cluster.variant.coordinator_calls(self.blocking),
            storage=self.storage,
            open_storage=lambda root: self.storage,
            workers=plan.parallelism,
            send=self._send,
            stop_worker=self._stop,
            start_worker=self.start_worker,
            on_phase=self._on_phase,
            on_event=lambda task, operator_id, event: None,
            on_report=lambda report: None,
        )
        configuration = Configuration.from_dict(dict(cluster.options))
        self.machine = cluster.variant.coordinator(cluster.job_id, plan, configuration, services)
        for index in range(plan.parallelism):
            self.start_worker(index)

    # --- workers -----------------------------------------------------------------------------

    def start_worker(self, index: int) -> None:
        """Start a worker process; it connects soon, or dies before that."""
        scheduler = self.world.scheduler
        scheduler.after(scheduler.draw_delay(START_MS), lambda: self._started(index))

    def _started(self, index: int) -> None:
        if not self.alive:
            return
        faults = self.world.faults
        worker = WorkerProcess(self.cluster.new_name(f"worker-{index}"), index, self)
        self.all_workers.append(worker)
        early_deaths = self.machine.failures.early_deaths + self._untold_deaths
        if early_deaths < EARLY_DEATHS_MAX - CRASHES_SPARED and faults.strikes(
            "early death", faults.plan.early_death_share
        ):
            self._untold_deaths += 1
            worker.alive = False
            self.post(lambda: self._died_early(index))
            return
        self.workers[index] = worker
        worker.to_coordinator.send(lambda: self.post(lambda: self._ready(worker)))

    def _died_early(self, index: int) -> None:
        self._untold_deaths -= 1
        self.machine.worker_lost(index, "it died while it started")

    def _ready(self, worker: WorkerProcess) -> None:
        if self.workers.get(worker.index) is worker:
            self.machine.worker_ready(worker.index)

    def lose(self, worker: WorkerProcess) -> None:
        """The connection to a worker has ended."""
        if self.workers.get(worker.index) is worker:
            del self.workers[worker.index]
            worker.to_worker.is_cut = True
            self.post(lambda: self.machine.worker_lost(worker.index, "it died"))

    def give_up(self, worker: WorkerProcess) -> None:
        """Take a worker for dead that is not; it goes on for a while."""
        scheduler = self.world.scheduler
        self.lose(worker)
        if scheduler.is_drawn(0.5):
            worker.stall(scheduler.draw_delay(ZOMBIE_MS / 3))
        if scheduler.is_drawn(0.5):
            worker.to_coordinator.hold(scheduler.draw_delay(ZOMBIE_MS / 3))
        scheduler.after(scheduler.random.uniform(0, ZOMBIE_MS), lambda: worker.die("given up"))

    def arrive(self, worker: WorkerProcess, message: ToCoordinator) -> None:
        """A worker's message has come, perhaps that of a zombie."""
        self.post(lambda: self._handle(worker, message))

    def _handle(self, worker: WorkerProcess, message: ToCoordinator) -> None:
        self.world.scheduler.note(f"{self.name} gets {describe(message)} of {worker.name}")
        is_stale = message.attempt != self.machine.attempt
        before = self.phase, self._sent
        self.machine.handle(worker.index, message)
        if is_stale and (self.phase, self._sent) != before:
            self.world.violate(f"{self.name} acts on {describe(message)} of a former attempt")

    def _stop(self, index: int) -> None:
        worker = self.workers.get(index)
        if worker is not None:
            worker.die("it did not answer")

    def _send(self, index: int, message: ToWorker) -> None:
        self._sent += 1
        faults = self.world.faults
        point = _POINTS.get(type(message))
        if point is not None:
            faults.pass_point(point)
        worker = self.workers.get(index)
        if worker is None:
            return
        peers = dict(self.workers) if isinstance(message, DeployTasks) else {}
        is_complete = isinstance(message, CheckpointCompleted)
        twice = is_complete and faults.strikes("completed twice", faults.plan.duplicate_share)
        for _ in range(2 if twice else 1):
            worker.to_worker.send(lambda: worker.post(lambda: worker.take(message, peers)))

    # --- the loop ----------------------------------------------------------------------------

    def turn(self) -> bool:
        return self.machine.advance()

    def sleep_ms(self) -> float:
        deadline = self.machine.next_deadline_ms
        return float("inf") if deadline is None else max(0.0, deadline - self.clock.monotonic_ms())

    def on_death(self, reason: str) -> None:
        self.cluster.coordinator_died(self)

    def _on_phase(self, phase: JobPhase) -> None:
        self.phase = phase
        self.world.scheduler.note(f"{self.name} is {phase.value}")
        if phase is JobPhase.FAILING:
            assert self.machine.failures.last is not None
            check_failure(self.world, self.machine.failures.last)
        elif phase is JobPhase.DEPLOYING:
            self.cluster.deployments += 1


class Cluster:
    """All processes of a job, those of former lives included.

    Args:
        world: Time, chance, faults, disk.
        variant: What it is made of.
        options: The options of the job.
        make_plan: The plan of the job at a parallelism.
        parallelism: The one to begin with.

    Attributes:
        coordinator: The present one.
        deployments: How often the job was deployed.
        parallelisms: Those the job has run with.
    """

    def __init__(
        self,
        world: World,
        variant: Variant,
        options: Mapping[str, str],
        make_plan: Callable[[int], JobPlan],
        parallelism: int,
    ) -> None:
        self.world = world
        self.variant = variant
        self.options = options
        self.job_id = f"{world.seed:032x}"
        self.deployments = 0
        self.parallelisms = [parallelism]
        self._make_plan = make_plan
        self._names = 0
        self._coordinators: list[CoordinatorProcess] = []
        self.coordinator = self._new_coordinator(parallelism)
        world.faults.give_up = self._give_up_current
        self._inflict()

    def new_name(self, kind: str) -> str:
        """A name no other process has."""
        self._names += 1
        return f"{kind}.{self._names}"

    def _new_coordinator(self, parallelism: int) -> CoordinatorProcess:
        name = self.new_name("coordinator")
        self._coordinators.append(CoordinatorProcess(name, self, self._make_plan(parallelism)))
        return self._coordinators[-1]

    @property
    def skipped_checkpoints(self) -> int:
        """How often a damaged checkpoint was passed over for an older one."""
        return sum(len(one.machine.skipped_checkpoints) for one in self._coordinators)

    def coordinator_died(self, coordinator: CoordinatorProcess) -> None:
        """Its workers end when they notice; a new one takes over the job and its storage."""
        scheduler, faults = self.world.scheduler, self.world.faults
        for worker in coordinator.all_workers:
            if not worker.alive:
                continue
            if faults.strikes("zombie", faults.plan.zombie_share):
                if scheduler.is_drawn(0.5):
                    worker.stall(scheduler.draw_delay(ZOMBIE_MS / 3))
                delay_ms = scheduler.random.uniform(0, ZOMBIE_MS)
            else:
                delay_ms = 0.0
            scheduler.after(delay_ms, lambda worker=worker: worker.die("no coordinator"))  # type: ignore[misc]
        if coordinator.phase not in TERMINAL:
            scheduler.after(scheduler.draw_delay(START_MS), self._take_over)

    def _take_over(self) -> None:
        faults, random = self.world.faults, self.world.scheduler.random
        parallelism = self.parallelisms[-1]
        if faults.active and self.world.scheduler.is_drawn(faults.plan.rescale_share):
            parallelism = random.choice([n for n in (1, 2, 3) if n != parallelism])
            faults.count("rescaled")
        self.parallelisms.append(parallelism)
        self.coordinator = self._new_coordinator(parallelism)

    # --- faults of processes -----------------------------------------------------------------

    def _inflict(self) -> None:
        faults, plan = self.world.faults, self.world.faults.plan
        faults.repeat(plan.worker_crash_ms, self._crash_worker)
        faults.repeat(plan.coordinator_crash_ms, self._crash_coordinator)
        faults.repeat(plan.stall_ms, self._stall)
        faults.repeat(plan.clock_jump_ms, self._jump)
        faults.repeat(plan.savepoint_ms, self._savepoint)
        faults.repeat(plan.stop_ms, self._stop)
        faults.repeat(plan.flip_ms, self._flip)

    def _crash_worker(self) -> None:
        faults = self.world.faults
        alive = [worker for worker in self.coordinator.all_workers if worker.alive]
        if not alive:
            return
        worker = self.world.scheduler.random.choice(alive)
        if faults.strikes("zombie", faults.plan.zombie_share):
            self.coordinator.give_up(worker)
        else:
            faults.count("worker crash")
            worker.die("crash")

    def _give_up_current(self) -> bool:
        worker = self.world.current
        if not isinstance(worker, WorkerProcess) or not worker.coordinator.alive:
            return False
        worker.coordinator.give_up(worker)
        return True

    def _crash_coordinator(self) -> None:
        if self.coordinator.alive:
            self.world.faults.count("coordinator crash")
            self.coordinator.die("crash")

    def _stall(self) -> None:
        self.world.faults.count("process stalls")
        scheduler = self.world.scheduler
        process = scheduler.random.choice([self.coordinator, *self.coordinator.all_workers[-3:]])
        process.stall(scheduler.draw_delay(40.0))

    def _savepoint(self) -> None:
        self.world.faults.count("savepoint")
        machine = self.coordinator.machine
        self.coordinator.post(lambda: machine.trigger_savepoint(SAVEPOINTS, lambda result: None))

    def _stop(self) -> None:
        faults = self.world.faults
        faults.count("stop with savepoint")
        drains = faults.strikes("drain", faults.plan.drain_share)
        coordinator = self.coordinator

        def done(result: str | BaseException) -> None:
            if isinstance(result, str):
                self.world.scheduler.note(f"stopped into {result}")
                coordinator.stopped_into = result

        coordinator.post(lambda: coordinator.machine.stop_with_savepoint(SAVEPOINTS, drains, done))

    def _flip(self) -> None:
        path = self.world.disk.flip(self.world.scheduler.random)
        if path is not None:
            self.world.faults.count("bit flips")
            self.world.scheduler.note(f"a bit of {path} flips")

    def start_from_savepoint(self) -> None:
        """The job has been stopped with a savepoint: start it from there."""
        former = self.coordinator
        assert former.stopped_into is not None
        former.alive = False
        for worker in former.all_workers:
            worker.alive = False
        self.options = {**self.options, "execution.state-recovery.path": former.stopped_into}
        self._take_over()

    def _jump(self) -> None:
        self.world.faults.count("clock jumps")
        random = self.world.scheduler.random
        process = random.choice([self.coordinator, *self.coordinator.all_workers[-3:]])
        distance_ms = int(10 ** random.uniform(1, 6.5))  # up to an hour
        process.clock.offset_ms += random.choice((-1, 1)) * distance_ms


def isolator(world: World) -> Callable[[Any], Any]:
    """Copies what goes to another process; the world itself is outside of all of them."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> str | None:
            if value is world:
                return "world"
            return "store" if value is world.store else None

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, name: Any) -> Any:
            return world if name == "world" else world.store

    def isolate(value: Any) -> Any:
        buffer = io.BytesIO()
        Pickler(buffer, protocol=5).dump(value)
        buffer.seek(0)
        return Unpickler(buffer).load()

    return isolate
