"""Random programs give what plain Python gives, at any parallelism and in both modes."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import Configuration
from flott.datastream import RuntimeExecutionMode, StreamExecutionEnvironment

Records = list[int]
#: A step as an operation on a stream, and as one on a list.
Step = tuple[Callable[[Any], Any], Callable[[Records], Iterable[int]]]


def adds(n: int) -> Step:
    return lambda s: s.map(lambda v: v + n), lambda r: [v + n for v in r]


def keeps(n: int) -> Step:
    return lambda s: s.filter(lambda v: v % n), lambda r: [v for v in r if v % n]


def repeats(n: int) -> Step:
    return lambda s: s.flat_map(lambda v: [v] * n), lambda r: [v for v in r for _ in range(n)]


def doubles() -> Step:
    return lambda s: s.union(s), lambda r: [*r, *r]


def moves(method: str) -> Step:
    return lambda s: getattr(s, method)(), lambda r: r


STEPS = st.one_of(
    st.builds(adds, st.integers(-3, 3)),
    st.builds(keeps, st.integers(2, 4)),
    st.builds(repeats, st.integers(0, 2)),
    st.builds(doubles),
    st.builds(moves, st.sampled_from(["rebalance", "shuffle", "rescale", "global_"])),
)


def environment(parallelism: int, mode: RuntimeExecutionMode) -> StreamExecutionEnvironment:
    configuration = Configuration.from_dict({"execution.target": "embedded"})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    return env.set_parallelism(parallelism).set_runtime_mode(mode)


def apply(steps: list[Step], stream: Any, records: Records) -> tuple[Any, Records]:
    for on_stream, on_list in steps:
        stream, records = on_stream(stream), list(on_list(records))
    return stream, records


ANY_PROGRAM = given(
    records=st.lists(st.integers(-5, 20), max_size=12),
    steps=st.lists(STEPS, max_size=4),
    parallelism=st.integers(1, 3),
    mode=st.sampled_from([RuntimeExecutionMode.STREAMING, RuntimeExecutionMode.BATCH]),
)
FEW = settings(max_examples=40, deadline=None)


@FEW
@ANY_PROGRAM
def test_steps_without_keys(
    records: Records, steps: list[Step], parallelism: int, mode: RuntimeExecutionMode
) -> None:
    env = environment(parallelism, mode)
    stream, expected = apply(steps, env.from_collection(records), records)
    assert sorted(stream.execute_and_collect()) == sorted(expected)


@FEW
@ANY_PROGRAM
def test_a_rolling_sum_ends_at_the_sum_of_each_key(
    records: Records, steps: list[Step], parallelism: int, mode: RuntimeExecutionMode
) -> None:
    env = environment(parallelism, mode)
    stream, expected = apply(steps, env.from_collection(records), records)
    pairs = stream.map(lambda v: (v % 3, 1)).key_by(lambda pair: pair[0])
    counted = list(pairs.sum(1).execute_and_collect())
    wanted = Counter(v % 3 for v in expected)
    assert {key: max(n for k, n in counted if k == key) for key, _ in counted} == dict(wanted)
    if mode is RuntimeExecutionMode.BATCH:
        assert len(counted) == len(wanted)
    else:
        steps_of = {key: [n for k, n in counted if k == key] for key in wanted}
        assert all(found == list(range(1, wanted[key] + 1)) for key, found in steps_of.items())


@FEW
@ANY_PROGRAM
def test_count_windows_hold_whole_groups(
    records: Records, steps: list[Step], parallelism: int, mode: RuntimeExecutionMode
) -> None:
    env = environment(parallelism, mode)
    stream, expected = apply(steps, env.from_collection(records), records)
    windows = stream.key_by(lambda v: v % 2).count_window(3)
    found = list(
        windows.apply(lambda key, window, inputs: [(key, len(list(inputs)))]).execute_and_collect()
    )
    assert Counter(found) == Counter(
        {(key, 3): n // 3 for key, n in Counter(v % 2 for v in expected).items() if n >= 3}
    )
