from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable

import fastavro
import pytest

from flott.common import logical_types as t
from flott.core.table import ChangelogMode
from flott.formats.columns.contract import ColumnFormat
from tests.formats.columns.decoding import make_format
from tests.formats.columns.messaging import Columns, read, read_changes, write
from tests.services.registry import SchemaRegistryService

COLUMNS: Columns = {"id": t.BigIntType(), "name": t.STRING}
X, Y = {"id": 1, "name": "x"}, {"id": 1, "name": "y"}


@pytest.fixture
def made(schema_registry: SchemaRegistryService) -> ColumnFormat:
    made = make_format("debezium-avro-confluent", {"url": schema_registry.url})
    return made.for_topic(f"topic-{uuid.uuid4().hex}", False)


@pytest.fixture
def message(made: ColumnFormat, schema_registry: SchemaRegistryService) -> Callable[..., bytes]:
    """A record of a change."""
    header = write(made, COLUMNS, [(0, "")])[0][:5]
    registered = schema_registry.client.get_schema(int.from_bytes(header[1:], "big"))
    schema = fastavro.parse_schema(json.loads(registered.schema_str))

    def make(**record: object) -> bytes:
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, schema, record)
        return header + stream.getvalue()

    return make


def test_messages_become_changes(made: ColumnFormat, message: Callable[..., bytes]) -> None:
    messages = [
        message(op="r", after=X),
        None,
        message(op="u", before=X, after=Y),
        message(op="d", before=Y),
        message(op="c", after=X),
    ]
    assert made.changelog_mode is ChangelogMode.RETRACT
    assert read_changes(made, COLUMNS, messages) == [
        ("+I", (1, "x")),
        ("-U", (1, "x")),
        ("+U", (1, "y")),
        ("-D", (1, "y")),
        ("+I", (1, "x")),
    ]
    decoded = read(made, COLUMNS, messages, ["name"])
    assert decoded.frame.rows() == [("x",), ("x",), ("y",), ("y",), ("x",)]
    assert decoded.messages is not None
    assert decoded.messages.to_list() == [0, 2, 2, 3, 4]
    assert read(made, COLUMNS, messages, []).frame.height == 5


def test_broken_changes_are_listed(made: ColumnFormat, message: Callable[..., bytes]) -> None:
    messages = [
        message(op="u", after=X),
        message(op="d", after=X),
        message(op="c", before=X),
        b"x",
        message(op="z", before=X),
        message(before=X),
        message(op="c", after=Y),
    ]
    decoded = read(made, COLUMNS, messages)
    assert decoded.frame.rows() == [(1, "y")]
    assert [tuple(bad) for bad in decoded.malformed] == [
        (0, "the message has no 'before', which updates need"),
        (1, "the message has no 'before', which deletes need"),
        (2, "the message has no 'after'"),
        (3, "it has 1 bytes, and the number of a schema takes 5"),
        (4, "unknown 'op' 'z'"),
        (5, "the message has no 'op'"),
    ]


def test_changes_are_written_as_additions_and_removals(made: ColumnFormat) -> None:
    rows = [(1, "x"), (1, "x"), (1, "y"), (None, None)]
    messages = write(made, COLUMNS, rows, ["+I", "-U", "+U", "-D"])
    assert read_changes(made, COLUMNS, messages) == [
        ("+I", (1, "x")),
        ("-D", (1, "x")),
        ("+I", (1, "y")),
        ("-D", (None, None)),
    ]
    assert read_changes(made, COLUMNS, write(made, COLUMNS, rows[:1])) == [("+I", (1, "x"))]


def test_nothing_is_read_of_nothing(made: ColumnFormat) -> None:
    assert read_changes(made, COLUMNS, []) == []
    assert read(made, COLUMNS, [None]).frame.rows() == []
