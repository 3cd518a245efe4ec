"""The source of Flott keeps the rules of the house."""

import pytest

from tests.tidy.facts import ROOT, Package, points
from tests.tidy.rules import EXCEPTIONS, RULES, Rule


@pytest.fixture(scope="module")
def flott() -> Package:
    return Package.read(ROOT / "src/flott")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_source_keeps_the_rule(rule: Rule, flott: Package) -> None:
    broken = list(rule(flott))
    assert not broken, f"{rule.__doc__}\n  " + "\n  ".join(broken)


def test_every_exception_names_something_that_exists(flott: Package) -> None:
    functions = {f"{module.name}:{node.name}" for module, node in flott.functions}
    for rule in ("long_file", "long_function", "long_function_in_core", "function_without_types"):
        assert set(EXCEPTIONS[rule]) <= functions | set(flott.modules)


def test_ten_points_can_be_counted(flott: Package) -> None:
    counted = points(flott, ROOT / "tests")
    print(*counted, sep="\n")
    assert [int(line[:2]) for line in counted] == list(range(1, 11))
