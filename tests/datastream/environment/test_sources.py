"""How an environment makes streams."""

import datetime
from typing import Any

import pytest

from flott.common import Row, Types, WatermarkStrategy
from flott.common.errors import (
    ProgramError,
    TypeMismatchError,
    UnpicklableError,
    UnsupportedFeature,
)
from flott.connectors.number_sequence import NumberSequenceSource
from flott.datastream import StreamExecutionEnvironment
from flott.operators.source import SourceSpec
from flott.plan.stream_plan import StreamNode

Env = StreamExecutionEnvironment
NO_WATERMARKS = WatermarkStrategy.no_watermarks()


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def test_a_collection_is_a_source_that_is_never_parallel(env: Env) -> None:
    env.set_parallelism(4).from_collection([1, 2])
    node = last(env)
    assert (node.parallelism, node.max_parallelism, node.fixed_parallelism) == (1, 1, True)
    assert node.name == "Collection Source"


def test_the_type_of_a_collection_is_told_from_its_records(env: Env) -> None:
    stream = env.from_collection([(1, "a"), (2, None)])
    assert str(last(env).output_type) == "TupleTypeInfo(Long, String)"
    assert last(env).type_origin == "first record"
    assert stream.get_type() == Types.PICKLED_BYTE_ARRAY()


def test_records_are_converted_to_the_declared_type(env: Env) -> None:
    kind = Types.ROW_NAMED(["a", "b"], [Types.INT(), Types.STRING()])
    stream = env.from_collection([(1, "x"), Row(2, "y")], kind)
    assert stream.execute_and_collect(limit=2) == [Row(a=1, b="x"), Row(a=2, b="y")]


@pytest.mark.parametrize("items", [range(3), (0, 1, 2), (n for n in range(3)), {0: 1, 1: 1, 2: 1}])
def test_any_iterable_that_ends_will_do(env: Env, items: Any) -> None:
    assert env.from_collection(items).execute_and_collect(limit=3) == [0, 1, 2]


def test_what_cannot_be_iterated_over_is_refused(env: Env) -> None:
    with pytest.raises(TypeError, match="from_collection: expected a list or another iterable"):
        env.from_collection(5)  # type: ignore[arg-type]


def test_a_record_that_does_not_fit_is_named(env: Env) -> None:
    with pytest.raises(TypeMismatchError, match="declared as Integer") as caught:
        env.from_collection([1, "two"], Types.INT())
    assert caught.value.__notes__ == ["This is item 1 of the collection."]


def test_a_record_that_cannot_travel_is_refused(env: Env) -> None:
    with pytest.raises(UnpicklableError, match="Item 1 of the collection"):
        env.from_collection([(1,), (n for n in [1])])


def test_dates_and_other_values_need_no_type(env: Env) -> None:
    day = datetime.date(2024, 2, 29)
    assert env.from_collection([day, None, {"a": [1]}]).execute_and_collect(limit=3) == [
        day,
        None,
        {"a": [1]},
    ]


def test_from_source_names_source_and_strategy(env: Env) -> None:
    source = NumberSequenceSource(1, 3)
    stream = env.from_source(source, NO_WATERMARKS, "numbers")
    assert last(env).spec == SourceSpec(source, NO_WATERMARKS, None)
    assert (last(env).name, stream.get_type()) == ("numbers", Types.LONG())


def test_from_source_converts_to_a_declared_type(env: Env) -> None:
    source = NumberSequenceSource(1, 3)
    stream = env.from_source(source, NO_WATERMARKS, "numbers", Types.DOUBLE())
    assert last(env).spec == SourceSpec(source, NO_WATERMARKS, Types.DOUBLE())
    assert sorted(stream.execute_and_collect()) == [1.0, 2.0, 3.0]


def test_from_source_refuses_what_does_not_fit(env: Env) -> None:
    with pytest.raises(TypeError, match="expected a Source, found 5"):
        env.from_source(5, NO_WATERMARKS, "x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no_watermarks"):
        env.from_source(NumberSequenceSource(1, 2), None, "x")  # type: ignore[arg-type]
    with pytest.raises(ProgramError, match="A source needs a name"):
        env.from_source(NumberSequenceSource(1, 2), NO_WATERMARKS, "")


def test_from_sequence_counts(env: Env) -> None:
    assert sorted(env.from_sequence(3, 6).execute_and_collect()) == [3, 4, 5, 6]


def test_input_formats_that_are_not_of_files_are_refused(env: Env) -> None:
    with pytest.raises(UnsupportedFeature, match="FileSource"):
        env.create_input(None)
