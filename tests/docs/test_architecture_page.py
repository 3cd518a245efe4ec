"""docs/architecture.md names each folder of src/flott in one line, in the order of the layers."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
PACKAGE = ROOT / "src/flott"


def named_folders() -> list[str]:
    section = PAGE.read_text().split("## The folders", 1)[1].split("\n## ", 1)[0]
    table = section.split("Outside the package", 1)[0]
    return re.findall(r"^\| `([a-z_/]+)` \|", table, re.MULTILINE)


def folders_of_tree() -> set[str]:
    folders = {path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE}
    names = {folder.relative_to(PACKAGE).as_posix() for folder in folders}
    # The shim is one thing, whatever folders it takes to stand where PyFlink would.
    return {re.sub(r"^cli/pyflink_shim/.*", "cli/pyflink_shim", name) for name in names}


def layers() -> dict[str, int]:
    """The rank of each package in the import contract, 0 for the highest."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    return {
        name: rank
        for rank, line in enumerate(contract["layers"])
        for name in re.findall(r"\w+", line)
    }


def test_page_names_the_folders_of_the_tree_and_no_others() -> None:
    assert set(named_folders()) == folders_of_tree()


def test_each_folder_has_one_line() -> None:
    assert len(named_folders()) == len(set(named_folders()))


def test_folders_stand_in_the_order_of_the_layers() -> None:
    rank = layers()
    ranks = [rank[name.partition("/")[0]] for name in named_folders()]
    assert ranks == sorted(ranks)


def test_a_folder_stands_right_behind_the_one_it_is_in() -> None:
    packages = [name.partition("/")[0] for name in named_folders()]
    assert packages == sorted(packages, key=packages.index)
    assert all("/" not in named_folders()[packages.index(name)] for name in packages)
