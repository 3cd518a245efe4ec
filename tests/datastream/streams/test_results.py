"""Sinks, side outputs and what print writes."""

from typing import Any

import pytest

from flott.common import Row, RowKind, Types
from flott.common.errors import ProgramError
from flott.connectors.discard import DiscardingSink
from flott.connectors.print import PrintSink
from flott.datastream import OutputTag, StreamExecutionEnvironment
from flott.datastream.connectors.base import StreamTransformer, SupportsPreprocessing
from flott.datastream.streams.printed_form import printer_of
from flott.operators.sink import SinkSpec

Env = StreamExecutionEnvironment


class Doubling(DiscardingSink, SupportsPreprocessing):
    class _Double(StreamTransformer):
        def apply(self, ds: Any) -> Any:
            return ds.map(lambda value: 2 * value).name("double")

    def get_transformer(self) -> StreamTransformer:
        return self._Double()


def test_sink_to_ends_in_a_sink(env: Env) -> None:
    sink = DiscardingSink()
    env.from_collection([1]).sink_to(sink)
    assert env._plan.nodes[-1].spec == SinkSpec(sink)


def test_a_sink_may_change_its_stream_before(env: Env) -> None:
    env.from_collection([1]).sink_to(Doubling())
    assert env._plan.nodes[-1].inputs[0].source.name == "double"


def test_only_sinks_can_be_sunk_to(env: Env) -> None:
    with pytest.raises(TypeError, match="sink_to: expected a Sink, found 5"):
        env.from_collection([1]).sink_to(5)  # type: ignore[arg-type]


def test_print_carries_its_identifier(env: Env) -> None:
    env.from_collection([1]).print("numbers")
    sink = env._plan.nodes[-1].spec.sink  # type: ignore[attr-defined]
    assert isinstance(sink, PrintSink)
    assert sink.sink_identifier == "numbers"


def test_a_side_output_is_read_by_its_tag_and_typed(env: Env) -> None:
    side = env.from_collection([1]).map(abs).get_side_output(OutputTag("late", Types.INT()))
    edge = env._plan.nodes[-1].inputs[0]
    assert (edge.side_tag, edge.source.name) == ("late", "Map")
    assert side.get_type() == Types.INT()
    assert side.name("renamed").get_name() == "renamed"


def test_a_union_has_no_side_output(env: Env) -> None:
    stream = env.from_collection([1])
    with pytest.raises(ProgramError, match="side outputs belong to an operation"):
        stream.union(stream).get_side_output(OutputTag("late"))
    with pytest.raises(TypeError, match="expected an OutputTag"):
        stream.get_side_output("late")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_info", "value", "printed"),
    [
        (None, (1, "a"), "(1, 'a')"),
        (Types.PICKLED_BYTE_ARRAY(), True, "True"),
        (Types.STRING(), "a b", "a b"),
        (Types.BOOLEAN(), False, "false"),
        (Types.DOUBLE(), 1.5, "1.5"),
        (Types.TUPLE([Types.STRING(), Types.INT()]), ("a", None), "(a,null)"),
        (Types.LIST(Types.INT()), [1, 2], "[1, 2]"),
        (Types.MAP(Types.STRING(), Types.BOOLEAN()), {"a": True}, "{a=true}"),
        (Types.ROW([Types.INT(), Types.STRING()]), Row(1, "a"), "+I[1,a]"),
        (Types.ROW([Types.INT()]), Row.of_kind(RowKind.DELETE, 1), "-D[1]"),
        (Types.ROW([Types.INT()]), Row(None), "+I[None]"),
    ],
)
def test_values_are_printed_as_pyflink_prints_them(
    type_info: Any, value: object, printed: str
) -> None:
    assert printer_of(type_info)(value) == printed


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_positive(env: Env, limit: int) -> None:
    with pytest.raises(ProgramError, match="limit must be positive"):
        env.from_collection([1]).execute_and_collect(limit=limit)
