from __future__ import annotations

import io
import json
import pickle
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, SinkError, SourceError
from flott.formats.columns.contract import ColumnFormat
from tests.formats.columns.decoding import make_format
from tests.formats.columns.messaging import Columns, read, read_rows, write
from tests.services.registry import SchemaRegistryService

COLUMNS: Columns = {"id": t.BigIntType(), "name": t.STRING}
AWAY = {"url": "http://127.0.0.1:1/none", "properties.max.retries": "0"}


@pytest.fixture
def topic() -> str:
    return f"topic-{uuid.uuid4().hex}"


@pytest.fixture
def made(schema_registry: SchemaRegistryService, topic: str) -> ColumnFormat:
    return make_format("avro-confluent", {"url": schema_registry.url}).for_topic(topic, False)


@pytest.fixture
def produce(schema_registry: SchemaRegistryService, topic: str) -> Callable[..., bytes]:
    """Write a record by a schema of these fields, as another program does."""

    def write_record(fields: Sequence[dict[str, Any]], **record: Any) -> bytes:
        schema = {"type": "record", "name": "other", "fields": list(fields)}
        client = schema_registry.client
        number = client.register_schema(topic, Schema(json.dumps(schema), "AVRO"))
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), record)
        return b"\0" + number.to_bytes(4, "big") + stream.getvalue()

    return write_record


ID = {"name": "id", "type": "long"}


def test_what_is_written_is_read_and_registered(
    made: ColumnFormat, schema_registry: SchemaRegistryService, topic: str
) -> None:
    messages = write(made, COLUMNS, [(1, "a"), (2, None)])
    assert read_rows(made, COLUMNS, messages) == [(1, "a"), (2, None)]
    registered = schema_registry.client.get_latest_version(f"{topic}-value")
    assert messages[0][:5] == b"\0" + registered.schema_id.to_bytes(4, "big")
    stream = io.BytesIO(messages[0][5:])
    schema = fastavro.parse_schema(json.loads(registered.schema.schema_str))
    assert fastavro.schemaless_reader(stream, schema, None) == {"id": 1, "name": "a"}


def test_keys_have_a_subject_of_their_own(
    schema_registry: SchemaRegistryService, topic: str
) -> None:
    made = make_format("avro-confluent", {"url": schema_registry.url}).for_topic(topic, True)
    write(made, COLUMNS, [(1, "a")])
    assert f"{topic}-key" in schema_registry.client.get_subjects()


def test_several_schemas_in_a_batch_are_each_read_by_their_own(
    made: ColumnFormat, produce: Callable[..., bytes]
) -> None:
    name = {"name": "name", "type": "string"}
    messages = [
        produce([ID, name], id=1, name="a"),
        produce([name, {"name": "extra", "type": {"type": "array", "items": "int"}}, ID],
                id=2, name="b", extra=[1, 2]),
        produce([{"name": "id", "type": "int"}], id=3),
        produce([ID, name], id=4, name="d"),
    ]  # fmt: skip
    assert read_rows(made, COLUMNS, messages) == [(1, "a"), (2, "b"), (3, None), (4, "d")]
    assert read(made, COLUMNS, messages, []).frame.height == 4
    assert read_rows(made, COLUMNS, messages, ["name"]) == [("a",), ("b",), (None,), ("d",)]


def test_what_cannot_be_read_is_listed_and_the_rest_read(
    made: ColumnFormat, produce: Callable[..., bytes], schema_registry: SchemaRegistryService
) -> None:
    good = produce([ID], id=1)
    alien = produce([{"name": "id", "type": "string"}], id="x")
    messages = [b"{}xxxxx", good, b"\0\0", None, b"\0\0\1\0\0x", alien, good, good[:5]]
    decoded = read(made, COLUMNS, messages)
    assert decoded.frame.rows() == [(1, None)] * 2
    assert decoded.messages is not None
    assert decoded.messages.to_list() == [1, 6]
    number = int.from_bytes(alien[1:5], "big")
    assert [tuple(bad) for bad in decoded.malformed] == [
        (0, "it does not begin with 0 and the number of a schema, but with 123"),
        (2, "it has 2 bytes, and the number of a schema takes 5"),
        (4, f"the schema registry at {schema_registry.url} has no schema 65536"),
        (5, f"schema {number} does not fit the table: field 'id': is string in the data and "
            "BIGINT in the table"),
        (7, "field 'id': the message ends within a number"),
    ]  # fmt: skip


def test_no_messages_and_only_broken_ones_give_no_rows(made: ColumnFormat) -> None:
    assert read(made, COLUMNS, []).frame.rows() == []
    assert read(made, COLUMNS, [None, None]).frame.rows() == []
    assert read(made, COLUMNS, [b"x"], []).frame.rows() == []


def test_a_given_schema_says_what_missing_fields_are(
    schema_registry: SchemaRegistryService, produce: Callable[..., bytes], topic: str
) -> None:
    fields = [
        {"name": "id", "type": "long", "aliases": ["key"]},
        {"name": "name", "type": "string", "default": "nobody"},
    ]
    schema = json.dumps({"type": "record", "name": "r", "fields": fields})
    options = {"url": schema_registry.url, "schema": schema}
    made = make_format("avro-confluent", options).for_topic(topic, False)
    old = produce([{"name": "key", "type": "long"}], key=5)
    assert read_rows(made, COLUMNS, [old]) == [(5, "nobody")]
    assert read_rows(made, COLUMNS, write(made, COLUMNS, [(6, "f")])) == [(6, "f")]
    with pytest.raises(ConfigurationError, match=r"'avro-confluent\.schema' does not fit"):
        read(made, {"id": t.STRING}, [])


def test_schemas_may_name_others(
    made: ColumnFormat, schema_registry: SchemaRegistryService, topic: str
) -> None:
    from confluent_kafka.schema_registry import SchemaReference

    client = schema_registry.client
    inner = {"type": "record", "name": f"n.Inner{topic[-8:]}", "fields": [ID]}
    client.register_schema(f"{topic}-inner", Schema(json.dumps(inner), "AVRO"))
    outer = {"type": "record", "name": "Outer", "fields": [{"name": "r", "type": inner["name"]}]}
    reference = SchemaReference(inner["name"], f"{topic}-inner", 1)
    number = client.register_schema(topic, Schema(json.dumps(outer), "AVRO", [reference]))
    message = b"\0" + number.to_bytes(4, "big") + b"\x0e"
    columns = {"r": t.RowType.of(("id", t.BigIntType()))}
    assert read_rows(made, columns, [message]) == [({"id": 7},)]


def test_an_incompatible_schema_is_refused_by_the_registry(
    made: ColumnFormat, schema_registry: SchemaRegistryService, topic: str
) -> None:
    write(made, COLUMNS, [(1, "a")])
    schema_registry.client.set_compatibility(f"{topic}-value", "BACKWARD")
    with pytest.raises(
        SinkError, match=rf"does not register the schema of subject '{topic}-value'"
    ):
        write(made, {"id": t.STRING}, [("x",)])


def test_a_registry_that_is_away_is_named() -> None:
    made = make_format("avro-confluent", {**AWAY, "subject": "s"})
    with pytest.raises(SourceError, match=r"registry at http://127.0.0.1:1/none, asked for schema"):
        read(made, COLUMNS, [b"\0\0\0\0\1\0"])
    with pytest.raises(SinkError, match=r"registry at http://127.0.0.1:1/none, asked to register"):
        write(made, COLUMNS, [(1, "a")])


def test_without_a_topic_the_subject_must_be_given() -> None:
    with pytest.raises(ConfigurationError, match=r"'avro-confluent\.subject' is needed"):
        write(make_format("avro-confluent", AWAY), COLUMNS, [])


def test_java_key_stores_are_refused_with_what_to_give() -> None:
    with pytest.raises(ConfigurationError, match=r"properties\.ssl\.ca\.location"):
        make_format("avro-confluent", {**AWAY, "ssl.truststore.location": "/x.jks"})


def test_settings_the_client_does_not_know_are_refused() -> None:
    made = make_format("avro-confluent", {**AWAY, "properties.no.such": "1"})
    with pytest.raises(ConfigurationError, match=r"no\.such"):
        read(made, COLUMNS, [])
    with pytest.raises(ConfigurationError, match="expected a number, found 'x'"):
        make_format("avro-confluent", {**AWAY, "properties.timeout": "x"})


def test_secrets_are_not_shown() -> None:
    options = {"url": "http://ada:enigma@127.0.0.1:1", "properties.max.retries": "0"}
    made = make_format("avro-confluent", options)
    with pytest.raises(SourceError) as raised:
        read(made, COLUMNS, [b"\0\0\0\0\1\0"])
    assert "enigma" not in str(raised.value) + repr(made)
    token = {**AWAY, "bearer-auth.token": "enigma", "basic-auth.user-info": "ada:enigma"}
    made = make_format("avro-confluent", token)
    assert "enigma" not in repr(made)
    assert pickle.loads(pickle.dumps(made)) == made
