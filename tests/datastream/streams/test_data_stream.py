"""DataStream's methods put the right operation into the plan."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flott.common import Types, WatermarkStrategy
from flott.common.errors import ProgramError
from flott.datastream import (
    FlatMapFunction,
    KeyedProcessFunction,
    MapFunction,
    ProcessFunction,
    StreamExecutionEnvironment,
)
from flott.operators.rows.map import FilterSpec, FlatMapSpec, MapSpec
from flott.operators.rows.process import ProcessSpec
from flott.operators.rows.timestamps import TimestampsSpec
from flott.plan.stream_plan import StreamNode

Env = StreamExecutionEnvironment
ROW_OF_TEXT = Types.ROW([Types.STRING()])


class Double(MapFunction):
    def map(self, value):
        return 2 * value


class Echo(ProcessFunction):
    def process_element(self, value, ctx):
        yield value


class KeyedEcho(KeyedProcessFunction):
    def process_element(self, value, ctx):
        yield value


class Point(NamedTuple):
    x: int
    label: str


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def test_map_takes_a_callable_or_a_map_function(env: Env) -> None:
    function = Double()
    env.from_collection([1]).map(abs).map(function, Types.LONG())
    first, second = env._plan.nodes[1:]
    assert first.spec == MapSpec(abs)
    assert second.spec == MapSpec(function, Types.LONG())
    assert [first.name, second.name] == ["Map", "Map"]
    assert second.inputs[0].source is first


def test_an_operation_knows_its_place_in_the_program(env: Env) -> None:
    env.from_collection([1]).map(abs)
    file, _, line = last(env).location.rpartition(":")
    assert file == __file__
    assert "env.from_collection([1]).map(abs)" in Path(file).read_text().splitlines()[int(line) - 1]


def test_a_declared_type_converts_and_shows(env: Env) -> None:
    stream = env.from_collection([1]).map(str, Types.STRING())
    assert last(env).spec == MapSpec(str, Types.STRING())
    assert (last(env).output_type, last(env).type_origin) == (Types.STRING(), "declared")
    assert stream.get_type() == Types.STRING()


def test_a_list_of_types_declares_a_row(env: Env) -> None:
    stream = env.from_collection([1]).map(lambda n: (n,), [Types.INT()])
    assert stream.get_type() == Types.ROW([Types.INT()])


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        (Types.ROW([ROW_OF_TEXT]), "RowTypeInfo(f0: RowTypeInfo(f0: String))"),
        (Types.TUPLE([ROW_OF_TEXT]), "TupleTypeInfo(RowTypeInfo(f0: String))"),
        (Types.LIST(ROW_OF_TEXT), "ListTypeInfo<RowTypeInfo(f0: String)>"),
        (
            Types.MAP(Types.STRING(), ROW_OF_TEXT),
            "MapTypeInfo<String, RowTypeInfo(f0: String)>",
        ),
        (Types.OBJECT_ARRAY(ROW_OF_TEXT), "ObjectArrayTypeInfo<RowTypeInfo(f0: String)>"),
    ],
)
def test_the_rows_of_a_stream_have_field_names(env: Env, declared: Any, shown: str) -> None:
    assert str(env.from_collection([], declared).get_type()) == shown


def test_operations_have_the_default_names_of_pyflink(env: Env) -> None:
    keyed = env.from_collection([("a", 1)]).key_by(lambda v: v[0])
    assert [keyed.sum(1).get_name(), keyed.min_by(1).get_name()] == ["Reduce", "Reduce"]
    assert keyed._origin.process(Echo()).get_name() == "PROCESS"
    assert keyed.process(KeyedEcho()).get_name() == "KEYED PROCESS"


def test_a_hint_shows_but_does_not_convert(env: Env) -> None:
    def parse(line: str) -> Point:
        return Point(1, line)

    stream = env.from_collection(["a"]).map(parse)
    assert last(env).spec == MapSpec(parse)
    assert last(env).type_origin == "hint"
    assert "x: Long, label: String" in str(stream.get_type())


def test_the_hint_of_a_generator_gives_the_element(env: Env) -> None:
    def split(line: str) -> Iterator[str]:
        yield from line.split()

    assert env.from_collection(["a b"]).flat_map(split).get_type() == Types.STRING()
    assert last(env).spec == FlatMapSpec(split)


def test_without_type_and_hint_the_type_is_pickled(env: Env) -> None:
    assert env.from_collection([1]).map(lambda n: n).get_type() == Types.PICKLED_BYTE_ARRAY()


def test_filter_keeps_the_type(env: Env) -> None:
    assert env.from_collection([1], Types.INT()).filter(bool).get_type() == Types.INT()
    assert last(env).spec == FilterSpec(bool)


def test_process_takes_a_process_function(env: Env) -> None:
    function = Echo()
    env.from_collection([1]).process(function)
    assert last(env).spec == ProcessSpec(function)


def test_process_with_a_keyed_function_asks_for_key_by(env: Env) -> None:
    with pytest.raises(ProgramError, match=r"KeyedEcho .* Call key_by"):
        env.from_collection([1]).process(KeyedEcho())


@pytest.mark.parametrize("method", ["map", "flat_map", "filter", "process", "key_by"])
def test_what_is_no_function_is_refused(env: Env, method: str) -> None:
    with pytest.raises(TypeError, match=f"{method}: expected a .*Function|Selector"):
        getattr(env.from_collection([1]), method)("text")


def test_a_class_in_place_of_an_object_is_refused(env: Env) -> None:
    with pytest.raises(TypeError, match=r"found the class Double. Write Double\(\)"):
        env.from_collection([1]).map(Double)


def test_an_object_of_another_function_class_is_refused(env: Env) -> None:
    class Split(FlatMapFunction):
        def flat_map(self, value):
            return value

    with pytest.raises(TypeError, match="map: expected a MapFunction or a callable"):
        env.from_collection([1]).map(Split())


def test_timestamps_need_a_strategy(env: Env) -> None:
    stream = env.from_collection([1], Types.INT())
    strategy = WatermarkStrategy.no_watermarks()
    assert stream.assign_timestamps_and_watermarks(strategy).get_type() == Types.INT()
    assert last(env).spec == TimestampsSpec(strategy)
    with pytest.raises(TypeError, match="expected a WatermarkStrategy"):
        stream.assign_timestamps_and_watermarks(5)  # type: ignore[arg-type]


def test_project_reorders_fields_and_types(env: Env) -> None:
    stream = env.from_collection([(1, "a")], Types.TUPLE([Types.INT(), Types.STRING()]))
    projected = stream.project(1, 0, 1)
    assert str(projected.get_type()) == "TupleTypeInfo(String, Integer, String)"
    assert last(env).spec.function((1, "a")) == ("a", 1, "a")


def test_project_needs_declared_tuples_and_existing_fields(env: Env) -> None:
    with pytest.raises(ProgramError, match="only streams of tuples"):
        env.from_collection([(1, 2)]).project(0)
    with pytest.raises(ProgramError, match="no field 2 in TupleTypeInfo"):
        env.from_collection([(1,)], Types.TUPLE([Types.INT()])).project(2)


def test_execution_environment_and_config_are_at_hand(env: Env) -> None:
    stream = env.from_collection([1])
    assert stream.get_execution_environment() is env
    assert stream.get_execution_config() is env.get_config()
