"""The reference has a page for each public package, with every name that it exports."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mkdocs")
HOOK = Path(__file__).parents[2] / "docs/hooks/reference.py"


@pytest.fixture(scope="module")
def hook() -> Any:
    spec = importlib.util.spec_from_file_location("reference_hook", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_public_packages_have_pages(hook: Any) -> None:
    pages = hook._public_packages()
    assert {"common", "datastream", "metrics", "testing", "datastream.window"} <= set(pages)


@pytest.mark.parametrize("folder", ["datastream/connectors", "datastream/formats"])
def test_every_connector_and_format_has_a_page(hook: Any, folder: str) -> None:
    modules = {
        f"{folder}/{file.stem}".replace("/", ".")
        for file in (hook.ROOT / "src/flott" / folder).glob("[a-z]*.py")
        if "__all__" in file.read_text()
    }
    assert modules <= set(hook._public_packages())


def test_page_shows_every_exported_name(hook: Any) -> None:
    for package in ("common", "datastream", "testing"):
        page, module = hook._page(package), importlib.import_module(f"flott.{package}")
        assert module.__all__
        for name in module.__all__:
            assert f"::: flott.{package}.{name}\n" in page


def test_name_shown_above_is_not_shown_again(hook: Any) -> None:
    assert "::: flott.datastream.functions.MapFunction\n" not in hook._page("datastream.functions")
    assert "::: flott.datastream.MapFunction\n" in hook._page("datastream")


def test_examples_of_a_docstring_are_fenced(hook: Any) -> None:
    assert "```python\n>>> from flott.datastream import" in hook._page("datastream")
