"""A whole life of checkpoints: concurrent, overtaking, failing, aborted, merged, killed.

Two tasks with real stores, a coordinator's books and a storage in memory. At every moment each
retained checkpoint must be readable and equal what the stores held at its barrier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flott.checkpoint.assign import RestoreTarget, assign_state
from flott.checkpoint.compaction_policy import CompactionPolicy
from flott.checkpoint.completed import CompletedCheckpoints
from flott.checkpoint.ledger import Acknowledgement, Compaction, TaskLedger
from flott.checkpoint.manifest import Manifest, encode_manifest
from flott.checkpoint.paths import (
    checkpoint_folder,
    manifest_path,
    savepoint_folder,
    task_file_path,
)
from flott.checkpoint.pending import OperatorFacts, PendingCheckpoint
from flott.checkpoint.restore import Refuse, RestoreFrom, decide_restore, find_checkpoints
from flott.checkpoint.task_file import encode_task_file, read_parts, write_task_file
from flott.core.element import SnapshotKind
from flott.core.key_group import key_group_range
from flott.core.snapshot import StatePart
from flott.state.compaction import compact
from flott.state.memory_store import MemoryKeyedStore
from tests.checkpoint.memory_storage import MemoryStorage
from tests.state.stores import (
    LIST,
    MAX_PARALLELISM,
    VALUE,
    keyed,
    make_store,
    subtask_of,
)

TASKS = 2
KEYS = st.integers(0, 5)
Contents = dict[Any, Any]


@dataclass
class Task:
    """A task of the present run."""

    store: MemoryKeyedStore
    ledger: TaskLedger
    uploads: dict[int, list[StatePart]] = field(default_factory=dict)
    compaction: Compaction | None = None


class LifecycleMachine(RuleBasedStateMachine):
    """The coordinator is the machine itself."""

    @initialize(retained_max=st.integers(1, 3), inline_bytes_max=st.sampled_from([0, 400]))
    def begin(self, retained_max: int, inline_bytes_max: int) -> None:
        self.storage = MemoryStorage()
        self.retained_max = retained_max
        self.inline_bytes_max = inline_bytes_max
        self.run_number = 0
        self.at_barrier: dict[int, Contents] = {}
        self.savepoints: list[Manifest] = []
        self.start()

    def start(self) -> None:
        """A run: from the newest checkpoint in storage, or from nothing."""
        self.run_number += 1
        listed = self.storage.list_paths("")
        decision = decide_restore(find_checkpoints(self.storage, listed), listed=listed)
        assert not isinstance(decision, Refuse)
        self.next_id = decision.next_checkpoint_id
        restored = decision.manifest if isinstance(decision, RestoreFrom) else None
        self.completed = CompletedCheckpoints(self.retained_max, restored)
        self.pending: dict[int, PendingCheckpoint] = {}
        self.tasks = [self.make_task(subtask, restored) for subtask in range(TASKS)]
        assert self.contents() == (self.at_barrier[restored.checkpoint_id] if restored else {})

    def make_task(self, subtask: int, manifest: Manifest | None) -> Task:
        store = make_store(subtask, TASKS)
        policy = CompactionPolicy(changes_max=3, rewrite_bytes_max=self.inline_bytes_max)
        chain: Any = {}
        if manifest is not None:
            target = RestoreTarget("op", "Map", TASKS, MAX_PARALLELISM)
            assigned = assign_state(manifest, [target])
            if "op" in assigned:
                mine = assigned["op"].subtasks[subtask]
                store.restore(read_parts(self.storage, mine.keyed))
                chain = {"op": mine.keyed} if mine.is_own_chain else {}
        return Task(store, TaskLedger(["op"], restored=chain, policy=policy))

    def contents(self) -> Contents:
        return {
            (name, key): list(value) if name == "list" else value
            for task in self.tasks
            for (_, name), table in task.store._tables.items()
            for key, value in table.items(None)
        }

    # -- the program

    @rule(key=KEYS, value=st.integers())
    def update(self, key: int, value: int) -> None:
        store = self.tasks[subtask_of(key, TASKS)].store
        keyed(store, key).state(VALUE).update(value)

    @rule(key=KEYS, value=st.integers())
    def append(self, key: int, value: int) -> None:
        store = self.tasks[subtask_of(key, TASKS)].store
        keyed(store, key).state(LIST).add(value)

    @rule(key=KEYS)
    def clear(self, key: int) -> None:
        store = self.tasks[subtask_of(key, TASKS)].store
        keyed(store, key).state(LIST).clear()

    # -- checkpoints

    @rule(kind=st.sampled_from([SnapshotKind.CHECKPOINT] * 4 + [SnapshotKind.SAVEPOINT]))
    def trigger(self, kind: SnapshotKind) -> None:
        number = self.next_id
        self.next_id += 1
        is_savepoint = kind is SnapshotKind.SAVEPOINT
        folder = savepoint_folder(number, "r") if is_savepoint else checkpoint_folder(number)
        tasks = [(0, subtask) for subtask in range(TASKS)]
        self.pending[number] = PendingCheckpoint(number, 0, kind, folder, tasks)
        self.at_barrier[number] = self.contents()
        for task in self.tasks:
            mode = task.ledger.mode("op", kind)
            part = task.store.snapshot(mode.full, mode.detached)
            parts = [] if part is None else [part]
            task.uploads[number] = task.ledger.begin(number, kind, parts)

    @precondition(lambda self: any(task.uploads for task in self.tasks))
    @rule(data=st.data())
    def finish_upload(self, data: st.DataObject) -> None:
        subtask, number = self.draw_upload(data)
        task = self.tasks[subtask]
        file = encode_task_file(
            task.uploads.pop(number),
            path=task_file_path(self.folder_of(number), f"r{self.run_number}", 0, subtask),
            checkpoint_id=number,
            subtask=subtask,
            parallelism=TASKS,
            key_groups=key_group_range(MAX_PARALLELISM, TASKS, subtask),
            inline_bytes_max=self.inline_bytes_max,
        )
        write_task_file(self.storage, file)
        for acknowledgement in task.ledger.stored(number, file.handles):
            self.acknowledge(subtask, acknowledgement)

    @precondition(lambda self: any(task.uploads for task in self.tasks))
    @rule(data=st.data())
    def fail_upload(self, data: st.DataObject) -> None:
        subtask, number = self.draw_upload(data)
        self.tasks[subtask].uploads.pop(number)
        for lost in self.tasks[subtask].ledger.failed(number):
            self.abort(lost)

    @precondition(lambda self: self.pending)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self.abort(data.draw(st.sampled_from(sorted(self.pending))))

    @rule(subtask=st.integers(0, TASKS - 1))
    def begin_or_end_compaction(self, subtask: int) -> None:
        task = self.tasks[subtask]
        if task.compaction is None:
            task.compaction = task.ledger.next_compaction()
            return
        task.ledger.compacted(compact(read_parts(self.storage, task.compaction.handles)))
        task.compaction = None

    @rule()
    def kill_and_restart(self) -> None:
        self.start()

    @precondition(lambda self: len(self.completed.retained) > 1)
    @rule(position=st.integers(0, 500))
    def damage_the_newest_manifest_and_restart(self, position: int) -> None:
        assert self.completed.latest is not None
        path = manifest_path(self.completed.latest.folder)
        data = bytearray(self.storage.files[path])
        data[position % len(data)] ^= 0xFF
        self.storage.files[path] = bytes(data)
        self.start()

    # -- the coordinator

    def draw_upload(self, data: st.DataObject) -> tuple[int, int]:
        uploads = [(i, number) for i, task in enumerate(self.tasks) for number in task.uploads]
        return data.draw(st.sampled_from(uploads))

    def folder_of(self, number: int) -> str:
        pending = self.pending.get(number)
        return checkpoint_folder(number) if pending is None else pending.folder

    def acknowledge(self, subtask: int, acknowledgement: Acknowledgement) -> None:
        pending = self.pending.get(acknowledgement.checkpoint_id)
        if pending is None or not pending.acknowledge((0, subtask), acknowledgement.handles):
            return
        del self.pending[pending.checkpoint_id]
        manifest = pending.to_manifest("job", [OperatorFacts("op", "Map", TASKS, MAX_PARALLELISM)])
        self.storage.write(manifest_path(manifest.folder), [encode_manifest(manifest)])
        if manifest.is_savepoint:
            self.savepoints.append(manifest)
            return
        self.completed.add(manifest)
        for older in [n for n in self.pending if n < manifest.checkpoint_id]:
            if self.pending[older].kind is SnapshotKind.CHECKPOINT:
                self.abort(older)
        for path in self.completed.garbage(self.storage.list_paths("")):
            self.storage.delete(path)

    def abort(self, number: int) -> None:
        if number in self.pending:
            self.pending.pop(number).abort("a fault of the test")

    # -- what must hold

    @invariant()
    def every_retained_checkpoint_equals_its_barrier(self) -> None:
        for manifest in (*self.completed.retained, *self.savepoints):
            stores = [self.make_task(subtask, manifest).store for subtask in range(TASKS)]
            found = {
                (name, key): value
                for store in stores
                for (_, name), table in store._tables.items()
                for key, value in table.items(None)
            }
            assert found == self.at_barrier[manifest.checkpoint_id]

    @invariant()
    def savepoints_need_no_file_but_their_own(self) -> None:
        for manifest in self.savepoints:
            assert all(path.startswith(f"{manifest.folder}/") for path in manifest.paths())


LifecycleMachine.TestCase.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None
)
TestLifecycle = LifecycleMachine.TestCase
