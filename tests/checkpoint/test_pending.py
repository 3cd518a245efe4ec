"""A checkpoint under way."""

from __future__ import annotations

from flott.checkpoint.pending import OperatorFacts, PendingCheckpoint, PendingStatus
from flott.core.element import SnapshotKind
from tests.checkpoint.memory_storage import handle

FACTS = [OperatorFacts("src", "Source", 1, 128), OperatorFacts("op", "Map", 2, 128)]


def pending(coordinators: tuple[str, ...] = ()) -> PendingCheckpoint:
    tasks = [(0, 0), (1, 0), (1, 1)]
    return PendingCheckpoint(7, 1000, SnapshotKind.CHECKPOINT, "chk-7", tasks, coordinators)


def test_it_is_acknowledged_when_every_task_has() -> None:
    one = pending()
    assert [one.acknowledge(task, ()) for task in [(1, 1), (0, 0), (1, 0)]] == [False, False, True]
    assert one.status is PendingStatus.ACKNOWLEDGED


def test_enumerators_are_waited_for_as_well() -> None:
    one = pending(("src",))
    for task in [(0, 0), (1, 0), (1, 1)]:
        assert not one.acknowledge(task, ())
    assert one.status is PendingStatus.WAITING
    assert one.acknowledge_coordinator("src", b"splits")


def test_the_same_acknowledgement_twice_counts_once() -> None:
    one = pending()
    one.acknowledge((0, 0), ())
    assert not one.acknowledge((0, 0), (handle(),))
    assert one.waiting_tasks == {(1, 0), (1, 1)}


def test_strangers_do_not_count() -> None:
    one = pending()
    assert not one.acknowledge((9, 9), ())
    assert not one.acknowledge_coordinator("op", b"")
    assert len(one.waiting_tasks) == 3


def test_after_an_abort_nothing_counts() -> None:
    one = pending()
    assert one.abort("declined by Map (1 of 2): disk full")
    assert not one.abort("timeout")
    for task in [(0, 0), (1, 0), (1, 1)]:
        assert not one.acknowledge(task, ())
    assert one.status is PendingStatus.ABORTED
    assert len(one.waiting_tasks) == 3  # as they were, for the report
    assert one.abort_reason == "declined by Map (1 of 2): disk full"


def test_the_manifest_has_the_handles_by_operator_and_subtask() -> None:
    one = pending(("src",))
    second, first = handle("chk-7/b", subtask=1), handle("chk-7/a", subtask=0)
    one.acknowledge((1, 1), (second,))
    one.acknowledge((0, 0), (handle("chk-7/s", operator_id="src"),))
    one.acknowledge((1, 0), (first,))
    one.acknowledge_coordinator("src", b"splits")
    manifest = one.to_manifest("job", FACTS)
    assert (manifest.checkpoint_id, manifest.timestamp_ms, manifest.folder) == (7, 1000, "chk-7")
    source, mapper = manifest.operators
    assert (source.name, source.coordinator) == ("Source", b"splits")
    assert mapper.handles == (first, second)
    assert (mapper.parallelism, mapper.coordinator) == (2, None)


def test_a_job_whose_tasks_have_all_ended_is_acknowledged_from_the_start() -> None:
    one = PendingCheckpoint(7, 1000, SnapshotKind.SAVEPOINT, "savepoint-7-r", [])
    assert one.status is PendingStatus.ACKNOWLEDGED
    assert all(not operator.has_state for operator in one.to_manifest("job", FACTS).operators)
