from hypothesis import given
from hypothesis import strategies as st

from flott.common import Configuration
from flott.runtime.task.batch_size import ROWS_FIRST, BatchSize


def make(**options: str) -> BatchSize:
    configuration = Configuration()
    configuration.set_string("flott.batch.latency-target", options.get("target", "1 ms"))
    configuration.set_string("flott.batch.size-min", options.get("least", "1"))
    configuration.set_string("flott.batch.size-max", options.get("most", "16384"))
    return BatchSize(configuration)


def test_quick_full_batches_double() -> None:
    size = make()
    size.adapt(size.rows, 0.1)
    assert size.rows == 2 * ROWS_FIRST


def test_quick_batches_that_were_not_full_say_nothing() -> None:
    size = make()
    size.adapt(size.rows - 1, 0.1)
    assert size.rows == ROWS_FIRST


def test_slow_batches_halve() -> None:
    size = make()
    size.adapt(10, 2.0)
    assert size.rows == ROWS_FIRST // 2


def test_batches_near_the_target_stay() -> None:
    size = make()
    size.adapt(size.rows, 1.0)
    assert size.rows == ROWS_FIRST


def test_target_is_an_option() -> None:
    size = make(target="100 ms")
    size.adapt(size.rows, 40.0)
    assert size.rows == 2 * ROWS_FIRST


@given(st.floats(0.0001, 1.0), st.integers(1, 10))
def test_a_source_of_constant_speed_settles_near_the_target(ms_per_row: float, target: int) -> None:
    size = make(target=f"{target} ms")
    for _ in range(40):
        size.adapt(size.rows, size.rows * ms_per_row)
    turn_ms = size.rows * ms_per_row
    assert turn_ms <= 1.5 * target or size.rows == 1


def test_batches_are_not_cut_below_the_least_size() -> None:
    size = make(least="1000")
    assert size.rows == 1000
    size.adapt(size.rows, 50.0)
    assert size.rows == 1000


def test_the_largest_size_counts_more_than_the_least() -> None:
    assert make(least="1000", most="7").rows == 7
