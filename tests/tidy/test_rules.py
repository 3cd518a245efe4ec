"""Each rule of the house finds what it is there to find."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tidy import rules
from tests.tidy.facts import Package
from tests.tidy.rules import Rule

LONG = "\n".join(f"    x = {n}" for n in range(80))


def broken(rule: Rule, folder: Path, **files: str) -> list[str]:
    """What `rule` says of a package with these files; `core__batch` is core/batch.py."""
    root = folder / "flott"
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for parent in path.relative_to(root).parents:
            (root / parent / "__init__.py").touch()
    return list(rule(Package.read(root)))


@pytest.mark.parametrize(
    ("rule", "name", "text", "said"),
    [
        (rules.module_without_idea, "core__a", "x = 1\n" * 31, "flott.core.a has no docstring"),
        (rules.long_file, "io__a", "x = 1\n" * 701, "flott.io.a has 701 lines"),
        (rules.long_function, "io__a", f"def f():\n{LONG}\n", "flott.io.a:f has 81 lines"),
        (rules.long_function_in_core, "core__a", f"def f():\n{LONG}\n", "flott.core.a:f has 81"),
        (rules.function_without_types, "io__a", "def f(x: int): ...\n", "flott.io.a:1 f"),
        (rules.function_without_types, "io__a", "def f(x) -> int: ...\n", "flott.io.a:1 f"),
        (rules.banned_call, "io__a", "time.sleep(1)\n", "flott.io.a:1 calls time.sleep"),
        (rules.banned_call, "core__a", "datetime.now()\n", "flott.core.a:1 calls datetime.now"),
        (rules.banned_call, "state__a", "print(1)\n", "flott.state.a:1 calls print"),
        (rules.bare_except, "io__a", "try:\n  1\nexcept:\n  2\n", "flott.io.a:3 has a bare except"),
        (rules.module_level_mutable, "io__a", "seen = []\n", "flott.io.a:1 seen is mutable"),
        (rules.mark_of_unfinished_work, "io__a", "# FIXME: x\n", "flott.io.a:1 # FIXME"),
        (rules.deciding_with_effects, "plan__a", "def f():\n  import time\n", "flott.plan.a:2"),
        (rules.module_nobody_imports, "io__a", "", "flott.io.a is imported by nothing"),
    ],
)
def test_rule_finds(tmp_path: Path, rule: Rule, name: str, text: str, said: str) -> None:
    assert broken(rule, tmp_path, **{name: text})[0].startswith(said)


def test_crowded_package_is_found(tmp_path: Path) -> None:
    forty_one = {f"io__a{number}": "" for number in range(41)}
    assert broken(rules.crowded_package, tmp_path, **forty_one) == ["flott.io has 41 modules"]


def test_package_of_forty_modules_is_not_crowded(tmp_path: Path) -> None:
    forty = {f"io__a{number}": "" for number in range(40)}
    assert not broken(rules.crowded_package, tmp_path, **forty)


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (rules.module_without_idea, "core__a", '"""Idea."""\n' + "x = 1\n" * 31),
        (rules.function_without_types, "io__a", "class A:\n  def f(self, x: int) -> None: ...\n"),
        (rules.banned_call, "io__a", "datetime.now()\n"),
        (rules.banned_call, "cli__a", "print(1)\n"),
        (rules.module_level_mutable, "io__a", "_TABLE = {1: 2}\n__all__ = ['x']\n"),
        (rules.deciding_with_effects, "io__a", "import time\n"),
    ],
)
def test_rule_leaves_alone(tmp_path: Path, rule: Rule, name: str, text: str) -> None:
    assert broken(rule, tmp_path, **{name: text}) == []


def test_cycle_over_three_modules_is_found(tmp_path: Path) -> None:
    files = {
        "io__a": "from flott.io import b\n",
        "io__b": "import flott.io.c\n",
        "io__c": "from .a import x\n",
    }
    assert broken(rules.import_cycle, tmp_path, **files) == [
        "flott.io.a -> flott.io.b -> flott.io.c"
    ]


@pytest.mark.parametrize(
    "late",
    [
        "def f():\n  import flott.io.a\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import flott.io.a\n",
    ],
)
def test_import_that_waits_makes_no_cycle(tmp_path: Path, late: str) -> None:
    assert broken(rules.import_cycle, tmp_path, io__a="import flott.io.b\n", io__b=late) == []


def test_module_named_in_a_table_is_imported(tmp_path: Path) -> None:
    files = {"io__registry": 'TABLE = {"a": "flott.io.a:A"}\n', "io__a": "", "io__b": ""}
    said = broken(rules.module_nobody_imports, tmp_path, **files)
    assert said == ["flott.io.b is imported by nothing", "flott.io.registry is imported by nothing"]


def test_sideways_import_is_found_and_downward_is_not(tmp_path: Path) -> None:
    files = {
        "runtime__a": "from flott.operators.b import f\nfrom flott.core import c\n",
        "operators__b": "f = 1\n",
        "core__c": "",
    }
    said = broken(rules.import_against_the_layers, tmp_path, **files)
    assert said == ["flott.runtime.a:1 imports flott.operators.b"]


def test_package_without_a_line_is_found(tmp_path: Path) -> None:
    page = tmp_path / "architecture.md"
    page.write_text("| `io` | the real world |\n")

    def rule(package: Package) -> Iterator[str]:
        return rules.package_without_a_line(package, page)

    said = broken(rule, tmp_path, io__a="", state__b="")
    assert said == ["flott.state has no line in architecture.md"]
