from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flott.common.errors import ConfigurationError
from flott.common.logical_types import IntType
from flott.connectors.tables import connector_names, find_factory, find_table_factory
from flott.connectors.tables.registry import installed_connectors
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


class Site:
    """A folder of installed packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, package: str, entry_point: str, code: str = "") -> None:
        about = self.folder / f"{package}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Name: {package}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[flott.connectors]\n{entry_point}\n")
        (self.folder / f"{package}_code.py").write_text(code)
        installed_connectors.cache_clear()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Site(tmp_path)
    monkeypatch.undo()
    installed_connectors.cache_clear()
    find_factory.cache_clear()


GOOD = """
from flott.core.table import TableFactory
class Factory(TableFactory):
    identifier = "moon"
    options = {}
"""


def test_connector_of_an_installed_package_is_found(site: Site) -> None:
    site.install("lunar", "moon = lunar_code:Factory", GOOD)
    assert find_factory("moon").identifier == "moon"
    assert "moon" in connector_names()
    with pytest.raises(ConfigurationError, match="Did you mean 'moon'"):
        find_factory("mooon")


def test_package_that_cannot_be_loaded_is_named(site: Site) -> None:
    site.install("broken", "mars = broken_code:Factory", "import no_such_library")
    with pytest.raises(ConfigurationError, match=r"package broken cannot.*no_such_library"):
        find_factory("mars")


def test_entry_point_that_is_no_factory_is_named(site: Site) -> None:
    site.install("odd", "venus = odd_code:Factory", "Factory = dict")
    with pytest.raises(ConfigurationError, match="package odd is not a TableFactory"):
        find_factory("venus")


def test_two_packages_with_one_connector_are_named(site: Site) -> None:
    site.install("first", "moon = first_code:Factory", GOOD)
    site.install("second", "moon = second_code:Factory", GOOD)
    with pytest.raises(ConfigurationError, match=r"(first and second|second and first)\. Uninst"):
        find_factory("moon")
