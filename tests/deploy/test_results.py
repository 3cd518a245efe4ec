from hypothesis import given
from hypothesis import strategies as st

from flott.core.collect import CollectedRows
from flott.deploy.results import ACKNOWLEDGE_ROWS, ResultBuffers
from flott.runtime.messages import TaskId

TASK = TaskId(3, 0)


def make() -> tuple[ResultBuffers, list[int]]:
    acknowledged: list[int] = []
    return ResultBuffers(lambda task, operator, rows: acknowledged.append(rows)), acknowledged


def test_rows_come_in_order() -> None:
    buffers, _ = make()
    for position in range(0, 6, 2):
        rows = (position, position + 1)
        buffers.on_event(TASK, "op", CollectedRows("a", position, rows))
    buffer = buffers.get("a")
    assert [buffer.take() for _ in range(6)] == list(range(6))


def test_rows_sent_again_after_a_failure_are_dropped_and_acknowledged() -> None:
    buffers, acknowledged = make()
    buffers.on_event(TASK, "op", CollectedRows("a", 0, (0, 1, 2)))
    buffers.on_event(TASK, "op", CollectedRows("a", 1, (1, 2, 3)))
    assert list(buffers.get("a").rows) == [0, 1, 2, 3]
    assert acknowledged == [2]


def test_collectors_do_not_mix() -> None:
    buffers, _ = make()
    buffers.on_event(TASK, "op", CollectedRows("a", 0, (1,)))
    buffers.on_event(TASK, "op", CollectedRows("b", 0, (2,)))
    assert (list(buffers.get("a").rows), list(buffers.get("b").rows)) == ([1], [2])


def test_job_from_a_savepoint_goes_on_counting() -> None:
    buffers, _ = make()
    buffers.on_event(TASK, "op", CollectedRows("a", 100, (1, 2)))
    assert list(buffers.get("a").rows) == [1, 2]


def test_events_of_others_are_none_of_its_business() -> None:
    buffers, _ = make()
    buffers.on_event(TASK, "op", "something else")
    assert not buffers.get("a").rows


def test_taken_rows_are_acknowledged_in_portions() -> None:
    buffers, acknowledged = make()
    rows = tuple(range(ACKNOWLEDGE_ROWS + 1))
    buffers.on_event(TASK, "op", CollectedRows("a", 0, rows))
    buffer = buffers.get("a")
    for _ in rows:
        buffer.take()
    assert acknowledged == [ACKNOWLEDGE_ROWS, 1]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=20))
def test_each_row_comes_once_however_often_it_is_sent(sends: list[tuple[int, int]]) -> None:
    buffers, _ = make()
    sent = 0
    for back, count in sends:
        position = max(0, sent - back)
        rows = tuple(range(position, position + count))
        buffers.on_event(TASK, "op", CollectedRows("a", position, rows))
        sent = max(sent, position + count)
    assert list(buffers.get("a").rows) == list(range(sent))
