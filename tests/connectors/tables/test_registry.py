from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError
from flott.common.logical_types import IntType
from flott.connectors.tables import connector_names, find_factory, find_table_factory
from tests.connectors.tables.table_io import describe


def test_every_name_has_its_factory() -> None:
    assert [find_factory(name).identifier for name in connector_names()] == [*connector_names()]


def test_an_unknown_connector_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigurationError, match=r"no connector 'filesytem'.*'filesystem'"):
        find_factory("filesytem")


def test_a_table_without_connector_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no option 'connector'"):
        find_table_factory(describe({"a": IntType()}, {}))


def test_an_unknown_option_is_refused_with_the_nearest_name() -> None:
    table = describe({"a": IntType()}, {"connector": "datagen", "number-of-row": 3})
    with pytest.raises(ConfigurationError, match="Did you mean 'number-of-rows'"):
        find_table_factory(table)


@pytest.mark.parametrize("connector", ["print", "blackhole"])
def test_what_only_writes_cannot_be_read(connector: str) -> None:
    table = describe({"a": IntType()}, {"connector": connector})
    with pytest.raises(ConfigurationError, match="only be written"):
        find_table_factory(table).create_source(table)


@pytest.mark.parametrize("connector", ["datagen", "nexmark"])
def test_what_only_reads_cannot_be_written(connector: str) -> None:
    table = describe({"event_type": IntType()}, {"connector": connector})
    with pytest.raises(ConfigurationError, match="only be read"):
        find_table_factory(table).create_sink(table)
