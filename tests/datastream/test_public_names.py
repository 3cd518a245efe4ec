"""Every public name can be imported, and names loaded late say where from."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import flott.datastream
from flott.datastream import connectors, functions

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(flott.datastream.__path__, "flott.datastream.")
)
LATE = [flott.datastream, functions]


@pytest.mark.parametrize("name", ["flott.datastream", *MODULES])
def test_listed_names_exist(name: str) -> None:
    module = importlib.import_module(name)
    assert [each for each in getattr(module, "__all__", ()) if not hasattr(module, each)] == []


@pytest.mark.parametrize("module", LATE, ids=lambda module: module.__name__)
def test_late_names_are_those_listed(module: object) -> None:
    assert sorted(module._HOME) == sorted(module.__all__)  # type: ignore[attr-defined]
    assert set(module.__all__) <= set(dir(module))  # type: ignore[attr-defined]


def test_names_come_from_one_place() -> None:
    assert functions.MapFunction is flott.datastream.MapFunction
    assert functions.MapFunction.__module__ == "flott.datastream.functions.row_functions"


@pytest.mark.parametrize("names", connectors._LAZY.values())
def test_connectors_are_loaded_when_asked_for(names: tuple[str, ...]) -> None:
    for name in names:
        assert getattr(connectors, name).__name__ == name


@pytest.mark.parametrize("module", [*LATE, connectors], ids=lambda module: module.__name__)
def test_an_unknown_name_is_an_attribute_error(module: object) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Foo'"):
        module.Foo  # type: ignore[attr-defined] # noqa: B018


def test_a_program_that_counts_words_loads_no_windows_and_joins() -> None:
    program = (
        "import sys\n"
        "from flott.datastream import StreamExecutionEnvironment\n"
        "env = StreamExecutionEnvironment.get_execution_environment()\n"
        "env.from_collection(['a']).map(str.upper).print()\n"
        "env.get_job_plan()\n"
        "print([name for name in sys.modules if 'window' in name or 'join' in name])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
