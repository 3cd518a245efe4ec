"""`flott connectors`: what can be used here."""

import tomllib
from pathlib import Path

from typer.testing import CliRunner

from flott.cli.connectors import (
    EXTRA_MODULES,
    EXTRAS_NEEDED,
    list_connectors,
    list_formats,
    missing_extra,
)
from flott.cli.main import app
from flott.connectors.tables.registry import connector_names
from flott.formats.columns.registry import format_names

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_every_connector_and_format_is_listed() -> None:
    assert [each.name for each in list_connectors()] == [*connector_names()]
    assert [each.name for each in list_formats()] == [*format_names()]


def test_connectors_say_what_they_can_do() -> None:
    able = {each.name: "".join(each.does.values()) for each in list_connectors()}
    assert able["kafka"] == "yesyes"
    found = {each.name: each.does for each in list_connectors()}
    assert found["filesystem"]["lookup"] == "yes"
    assert (found["print"]["source"], found["print"]["sink"]) == ("", "yes")
    assert (found["datagen"]["source"], found["datagen"]["sink"]) == ("yes", "")


def test_formats_say_what_they_can_do() -> None:
    found = {each.name: tuple(each.does.values()) for each in list_formats()}
    assert found["json"] == ("read, write", "read, write", "new")
    assert found["debezium-json"] == ("read, write", "read, write", "changes")
    assert found["parquet"] == ("read, write", "", "new")


def test_extras_are_those_of_the_package_and_needed_by_what_there_is() -> None:
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    assert set(EXTRA_MODULES) <= set(extras)
    assert set(EXTRAS_NEEDED.values()) <= set(EXTRA_MODULES)
    assert set(EXTRAS_NEEDED) <= {*connector_names(), *format_names()}
    assert missing_extra("filesystem", lambda module: False) == ""
    assert missing_extra("avro-confluent", lambda module: module != "authlib") == "schema-registry"


def test_the_command_prints_both_tables() -> None:
    done = CliRunner().invoke(app, ["connectors"])
    assert done.exit_code == 0
    assert "connector" in done.output
    assert "upsert-kafka" in done.output
    assert "debezium-json" in done.output
