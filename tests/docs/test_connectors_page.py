"""The page on connectors and formats says what their factories say."""

from flott.connectors.tables.registry import connector_names
from flott.formats.columns.registry import format_names
from tests.docs.connectors_page import CONNECTORS, FORMATS, PAGE, render


def test_page_is_that_of_the_factories() -> None:
    assert PAGE.read_text() == render(), "run python -m tests.docs.connectors_page"


def test_every_connector_and_format_is_described() -> None:
    assert (sorted(CONNECTORS), sorted(FORMATS)) == ([*connector_names()], [*format_names()])
