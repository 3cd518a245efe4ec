"""What must hold during a run and at its end. Each class watches one promise."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from flott.checkpoint.manifest import Manifest, decode_manifest
from flott.checkpoint.paths import checkpoint_id_of, is_manifest, manifest_path
from flott.checkpoint.task_file import read_parts
from flott.common.errors import DamagedCheckpointError
from flott.core.element import SnapshotKind
from flott.runtime.task.failure import FailureReport
from flott.testing.simulation.disk import Disk, SimulatedStorage
from flott.testing.simulation.drained import read_before_drain
from flott.testing.simulation.faults import FaultPlan, Faults
from flott.testing.simulation.outside import OutsideStore
from flott.testing.simulation.scheduler import Scheduler
from flott.testing.simulation.workloads import JobShape, Workload
from flott.testing.simulation.world import World

#: Failures that faults bring about. Anything else is the engine's own.
EXPECTED_FAILURES: Final = frozenset(
    {"WorkerLost", "OSError", "InjectedFailure", "CheckpointError"}
)
#: Failures that flipped bits bring about: they must be noticed, and by nothing else.
DAMAGE_FAILURES: Final = frozenset({"DamagedCheckpointError", "RestoreError"})
#: How many rows a report of wrong output shows of each kind.
ROWS_SHOWN: Final = 4


class CompleteCheckpoints:
    """A checkpoint reported complete can be restored, at any time until a newer one is.

    Attributes:
        count: How many have been completed.
        drained: The shape of the job as far as it had read, if it is about to end early.
        suspicion: A file that was needed has been deleted; no harm if the job has ended.
    """

    def __init__(self, world: World, store: OutsideStore, shape: JobShape) -> None:
        self.count = 0
        self.drained: JobShape | None = None
        self._shape = shape
        self.suspicion: str | None = None
        self._world = world
        self._store = store
        self._newest: Manifest | None = None
        self._needed: frozenset[str] = frozenset()
        quiet = Scheduler(0)
        self._reader = SimulatedStorage(world.disk, Faults(FaultPlan(), quiet))

    @property
    def disk(self) -> Disk:
        """The disk that is watched."""
        return self._world.disk

    def on_write(self, path: str, replaced: bytes | None) -> None:
        """A file has been written."""
        if is_manifest(path):
            self._on_manifest(path)
        elif path in self._needed and replaced != self.disk.files[path]:
            self._world.violate(f"{path} is replaced, and a complete checkpoint needs it")

    def on_delete(self, path: str) -> None:
        """A file has been deleted."""
        if checkpoint_id_of(path) is None and ".writing-" not in path:
            self._world.violate(f"{path} is deleted, and it belongs to the user")
        if path in self._needed:
            self.suspicion = f"{path} is deleted, and the newest complete checkpoint needs it"

    def _on_manifest(self, path: str) -> None:
        manifest = decode_manifest(self.disk.files[path], path)
        if manifest.kind is not SnapshotKind.CHECKPOINT:
            self._on_savepoint(manifest)
            return
        if self._newest is not None and manifest.checkpoint_id == self._newest.checkpoint_id:
            self._world.violate(f"{path} is written twice")
        self._world.scheduler.note(f"checkpoint {manifest.checkpoint_id} is complete")
        self.count += 1
        self._store.complete_id = max(self._store.complete_id, manifest.checkpoint_id)
        if self._newest is not None and manifest.checkpoint_id < self._newest.checkpoint_id:
            return
        self._newest = manifest
        self._needed = frozenset({*manifest.paths(), manifest_path(manifest.folder)})
        self.drained = None
        if self._restore(manifest) and manifest.has_drained:
            self.drained = read_before_drain(self._reader, manifest, self._shape)

    def on_stop(self) -> None:
        """The job was stopped with a savepoint, and its checkpoints go."""
        self._newest, self._needed, self.suspicion = None, frozenset(), None

    def _on_savepoint(self, manifest: Manifest) -> None:
        self._world.scheduler.note(f"savepoint {manifest.checkpoint_id} is complete")
        if manifest.kind is SnapshotKind.STOP_SAVEPOINT:
            self._store.complete_id = max(self._store.complete_id, manifest.checkpoint_id)
        self._restore(manifest)

    def _restore(self, manifest: Manifest) -> bool:
        handles = [handle for operator in manifest.operators for handle in operator.handles]
        try:
            read_parts(self._reader, handles)
        except DamagedCheckpointError as error:
            if not self.disk.damaged.isdisjoint(manifest.paths()):
                return False  # an older file that it builds on
            self._world.violate(f"checkpoint {manifest.checkpoint_id} cannot be restored: {error}")
            return False
        return True


def check_failure(world: World, failure: FailureReport) -> None:
    """Only faults make a job fail: an assertion of ours that breaks is not one of them."""
    if failure.error_type in DAMAGE_FAILURES and world.faults.injected["bit flips"]:
        return
    if failure.error_type not in EXPECTED_FAILURES:
        world.violate(
            f"the job fails by itself: {failure.error_type}: {failure.message}\n"
            f"{failure.engine_trace}"
        )


def is_beyond_restore(world: World, failure: FailureReport | None) -> bool:
    """Whether a job has failed because bits of all its checkpoints were flipped, and says so."""
    was_damaged = world.faults.injected["bit flips"] > 0
    return was_damaged and failure is not None and failure.error_type in DAMAGE_FAILURES


def check_output(
    world: World, workload: Workload, shape: JobShape, rows: list[Any], is_repeated: bool = False
) -> None:
    """What is committed equals the right answer, nothing twice. Where a damaged checkpoint was
    passed over for an older one, what was committed in between ``is_repeated``."""
    expected, found = workload.expected(shape), Counter(rows)
    missing, extra = expected - found, found - expected
    if is_repeated:
        extra = Counter({row: count for row, count in extra.items() if row not in expected})
    if missing or extra:
        world.violate(
            f"the output is wrong: {missing.total()} rows are missing {_some(missing)}, "
            f"{extra.total()} are too many {_some(extra)}"
        )


def check_order(world: World, workload: Workload, rows: list[Any]) -> None:
    """Rows of a key are committed in order. Not so after rescaling: committables that wait for
    their checkpoint are dealt out to other subtasks then, which commit independently."""
    last: dict[Any, Any] = {}
    for row in rows:
        placed = workload.order(row)
        if placed is None:
            continue
        sequence, place = placed
        if sequence in last and not last[sequence] < place:
            world.violate(f"{row} comes after {last[sequence]}")
            return
        last[sequence] = place


def _some(rows: Counter[Any]) -> str:
    shown = ", ".join(repr(row) for row in sorted(rows, key=repr)[:ROWS_SHOWN])
    return f"({shown}{', ...' if len(rows) > ROWS_SHOWN else ''})" if rows else ""
