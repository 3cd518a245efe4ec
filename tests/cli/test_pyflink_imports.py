"""``import pyflink`` means Flott once the imports are installed."""

import importlib
import sys
from collections.abc import Iterator

import pytest

import flott.common
import flott.datastream
from flott.cli.pyflink_imports import install, uninstall


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    install()
    yield
    uninstall()


def run(program: str) -> dict[str, object]:
    """The names a program defines."""
    names: dict[str, object] = {}
    exec(program, names)
    return names


def test_names_are_the_same_objects() -> None:
    names = run("from pyflink.datastream import MapFunction\nfrom pyflink.common import Row")
    assert names["MapFunction"] is flott.datastream.MapFunction
    assert names["Row"] is flott.common.Row


@pytest.mark.parametrize(
    "program",
    [
        "import pyflink.datastream as m; m.StreamExecutionEnvironment",
        "from pyflink import datastream; datastream.functions.MapFunction",
        "from pyflink.datastream import functions; functions.MapFunction",
        "from pyflink.datastream.connectors.file_system import FileSink",
        "from pyflink.datastream import *; StreamExecutionEnvironment, KeyedStream",
        "import pyflink.common.time; pyflink.common.time.Duration.of_seconds(1)",
    ],
)
def test_every_form_of_import_works(program: str) -> None:
    run(program)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("from pyflink.datastream import Foo", "nothing that stands for pyflink.datastream.Foo"),
        ("import pyflink.nowhere", "nothing that stands for pyflink.nowhere: docs/compatibility"),
        ("from pyflink.java_gateway import get_gateway", "it belongs to PyFlink's bridge to Java"),
    ],
)
def test_what_is_missing_is_named(program: str, message: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=message):
        run(program)


def test_a_missing_attribute_is_an_attribute_error() -> None:
    module = importlib.import_module("pyflink.datastream")
    with pytest.raises(AttributeError, match=r"pyflink\.datastream\.Foo"):
        module.Foo  # noqa: B018
    assert not hasattr(module, "Foo")
    assert "MapFunction" in dir(module)


def test_uninstalling_forgets_everything() -> None:
    run("import pyflink.datastream")
    uninstall()
    assert not [name for name in sys.modules if name.partition(".")[0] == "pyflink"]
    with pytest.raises(ModuleNotFoundError, match="No module named 'pyflink'"):
        run("import pyflink")


def test_the_real_pyflink_cannot_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyflink", sys)
    with pytest.raises(ImportError, match="PyFlink is loaded already"):
        install()
