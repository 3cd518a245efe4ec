"""One run: a job drawn from a seed, with its faults, to the end of its healing."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from flott.common.configuration import Configuration
from flott.datastream import StreamExecutionEnvironment
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.status import TERMINAL, JobPhase
from flott.testing.simulation.cluster import Cluster
from flott.testing.simulation.faults import FaultPlan, draw_fault_plan
from flott.testing.simulation.invariants import (
    CompleteCheckpoints,
    check_order,
    check_output,
    is_beyond_restore,
)
from flott.testing.simulation.variants import Variant
from flott.testing.simulation.workloads import WORKLOADS, Job, JobShape, Workload, draw_shape
from flott.testing.simulation.world import World

#: After faults have stopped the job must end within two checkpoint intervals and this.
LIVENESS_MS: Final = 10_000.0
#: No run needs so many events; one that does goes round in circles.
EVENTS_MAX: Final = 400_000
MAX_PARALLELISM: Final = 12


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run went.

    Attributes:
        seed: What it was drawn from.
        workload: Name of the job.
        parallelisms: Those the job has run with.
        violations: What must never happen and did; empty if all is well.
        log_hash: Digest of the log of events.
        injected: Faults by kind.
        checkpoints: How many were completed.
        restores: How often the job was deployed, the first time left out.
        virtual_ms: How long the run took by its own clock.
        events: How many events it had.
        rows: How many rows were committed.
        log: The log, if it was kept.
    """

    seed: int
    workload: str
    parallelisms: tuple[int, ...]
    violations: tuple[str, ...]
    log_hash: str
    injected: Counter[str]
    checkpoints: int
    restores: int
    virtual_ms: float
    events: int
    rows: int
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """What is drawn for a run besides its faults."""

    workload: Workload
    shape: JobShape
    options: Mapping[str, str]
    parallelism: int


def draw_setup(random: Random) -> Setup:
    """A job, its options and its parallelism."""
    workload = random.choice(WORKLOADS)
    options = {
        "execution.checkpointing.interval": f"{random.choice([8, 15, 30, 60])} ms",
        "execution.checkpointing.timeout": f"{random.choice([60, 250, 1000])} ms",
        "execution.checkpointing.min-pause": f"{random.choice([0, 0, 5])} ms",
        "execution.checkpointing.max-concurrent-checkpoints": str(random.choice([1, 1, 2, 3])),
        "execution.checkpointing.tolerable-failed-checkpoints": str(random.choice([0, 2, 1000])),
        "execution.checkpointing.num-retained": str(random.choice([1, 1, 2, 3])),
        "execution.checkpointing.data-inline-threshold": random.choice(["0 b", "0 b", "20 kb"]),
        "flott.channel.credit": str(random.choice([1, 2, 4, 4])),
        "flott.channel.rows": str(random.choice([1, 10, 65_536, 65_536])),
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": "1000000",
        "restart-strategy.fixed-delay.delay": f"{random.choice([1, 10, 30])} ms",
        "pipeline.auto-watermark-interval": f"{random.choice([2, 10, 25])} ms",
        "pipeline.max-parallelism": str(MAX_PARALLELISM),
    }
    return Setup(workload, draw_shape(random), options, random.randint(1, 3))


def run_seed(
    seed: int,
    *,
    variant: Variant | None = None,
    faults: FaultPlan | None = None,
    keep_log: bool = False,
) -> RunResult:
    """Run what ``seed`` stands for.

    Args:
        seed: Decides the job, its faults and everything else.
        variant: Other parts than the real ones.
        faults: Other faults than those drawn.
        keep_log: Whether to keep the log of events.
    """
    variant = variant or Variant()
    setup = draw_setup(Random(f"setup {seed}"))
    plan = faults or draw_fault_plan(Random(f"faults {seed}"))
    world = World(seed, plan, keep_log)
    watch = CompleteCheckpoints(world, world.store, setup.shape)
    world.disk.watcher = watch
    options = {**setup.options, **variant.options}

    @cache
    def make_plan(parallelism: int) -> JobPlan:
        env = StreamExecutionEnvironment.get_execution_environment(Configuration.from_dict(options))
        env.set_parallelism(parallelism)
        setup.workload.build(Job(world, setup.shape, world.store), env)
        return env.get_job_plan("simulation")

    cluster = Cluster(world, variant, options, make_plan, setup.parallelism)
    interval_ms = float(options["execution.checkpointing.interval"].split()[0])
    _run_to_end(world, cluster, watch, LIVENESS_MS + 2 * interval_ms)
    if cluster.coordinator.phase is JobPhase.FINISHED and not world.violations:
        _check(world, cluster, watch, setup)
    scheduler = world.scheduler
    return RunResult(
        seed,
        setup.workload.name,
        tuple(cluster.parallelisms),
        tuple(world.violations),
        scheduler.log_hash,
        world.faults.injected,
        watch.count,
        max(0, cluster.deployments - 1),
        scheduler.now_ms,
        scheduler.event_count,
        len(world.store.rows),
        tuple(scheduler.log or ()),
    )


def _check(world: World, cluster: Cluster, watch: CompleteCheckpoints, setup: Setup) -> None:
    """Compare what a finished job has committed with the right answer."""
    is_repeated = cluster.skipped_checkpoints > 0
    shape = watch.drained or setup.shape
    check_output(world, setup.workload, shape, world.store.rows, is_repeated)
    if len(set(cluster.parallelisms)) == 1 and not is_repeated:
        check_order(world, setup.workload, world.store.rows)


def _run_to_end(
    world: World, cluster: Cluster, watch: CompleteCheckpoints, liveness_ms: float
) -> None:
    scheduler, faults = world.scheduler, world.faults
    horizon_ms = faults.plan.horizon_ms
    limit_ms = horizon_ms + liveness_ms
    try:
        while not world.violations:
            if cluster.coordinator.phase in TERMINAL:
                if cluster.coordinator.stopped_into is None or watch.drained is not None:
                    break
                watch.on_stop()
                cluster.start_from_savepoint()
            if faults.active and scheduler.now_ms >= horizon_ms:
                faults.active = False
                scheduler.note("faults end")
            if not scheduler.step() or scheduler.now_ms > limit_ms:
                world.violate(f"the job does not end; it is {cluster.coordinator.phase.value}")
            elif scheduler.event_count > EVENTS_MAX:
                world.violate(f"{EVENTS_MAX} events do not end the job")
            elif watch.suspicion is not None and cluster.coordinator.phase not in TERMINAL:
                world.violate(watch.suspicion)
    except Exception:
        world.violate(f"an exception ends a process:\n{traceback.format_exc()}")
    if cluster.coordinator.phase in (JobPhase.FAILED, JobPhase.CANCELED):
        if is_beyond_restore(world, cluster.coordinator.machine.failures.last):
            scheduler.note("nothing whole is left to restore")
            return
        world.violate(f"the job has failed: {cluster.coordinator.machine.error}")
