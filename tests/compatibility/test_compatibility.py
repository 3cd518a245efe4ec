"""Our public names are PyFlink's, and the page that says so is up to date."""

from collections import Counter

import pytest

from flott.common.errors import UnsupportedFeature
from flott.datastream import StreamExecutionEnvironment
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import Unsupported
from tests.compatibility.comparison import Name, Standing, compare
from tests.compatibility.connector_surface import flink_connectors, missing_options
from tests.compatibility.generate import PAGE, render
from tests.compatibility.sql_surface import EXECUTED, REFUSED, missing_functions


def test_at_least_nine_names_in_ten_are_present() -> None:
    counts = Counter(each.standing for each in compare())
    present, missing = counts[Standing.PRESENT], counts[Standing.MISSING]
    assert present >= 0.9 * (present + missing)


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(), "run: python -m tests.compatibility.generate"


@pytest.mark.parametrize("name", flink_connectors())
def test_connectors_know_the_options_of_flink(name: str) -> None:
    assert missing_options(name) == []


def test_methods_have_the_parameters_of_pyflink() -> None:
    different = [f"{each.name} {each.difference}" for each in compare() if each.difference]
    assert different == []


def test_exceptions_stand_for_names_that_exist() -> None:
    assert Name("pyflink.datastream.window", "Min", Standing.BRIDGE) in compare()


@pytest.mark.parametrize(
    ("name", "successor"),
    [
        ("FlinkKafkaConsumer", "KafkaSource"),
        ("FlinkKafkaProducer", "KafkaSink"),
        ("StreamingFileSink", "FileSink"),
    ],
)
def test_removed_connectors_name_their_successor(name: str, successor: str) -> None:
    from flott.datastream import connectors

    with pytest.raises(UnsupportedFeature, match=successor):
        getattr(connectors, name)("anything")


def test_removed_methods_name_their_successor() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    with pytest.raises(UnsupportedFeature, match="from_source"):
        env.add_source(None)
    with pytest.raises(UnsupportedFeature, match="sink_to"):
        env.from_collection([1]).add_sink(None)


def test_methods_of_tables_have_the_parameters_of_pyflink() -> None:
    names = compare("pyflink_table_api.json")
    different = [each.name for each in names if each.difference]
    assert different == ["StatementSet.__init__"]  # made by the environment


@pytest.mark.parametrize("statement", EXECUTED.values(), ids=list(EXECUTED))
def test_example_of_a_statement_is_understood(statement: str) -> None:
    assert not isinstance(parse_statement(statement), Unsupported)


def test_functions_that_are_refused_are_all_that_is_missing() -> None:
    assert set(missing_functions()) <= set(REFUSED)
