"""Sources, sinks, tables and ``flott peek`` on a broker that asks who one is, and secrets."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from flott.cli.main import app
from flott.common import Configuration, WatermarkStrategy
from flott.common.errors import FlottError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.kafka import (
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)
from tests.connectors.kafka.real import Tables, produce, settled_numbers
from tests.services.kafka import wait_until

if TYPE_CHECKING:
    from tests.services.secure_kafka import SecureKafka

PASSWORD = "enigma-77-violet"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


def of_java(module: str, mechanism: str, password: str = PASSWORD) -> dict[str, str]:
    """Who one is, as Java programs say it."""
    jaas = f'{module} required username="ada" password="{password}";'
    return {"sasl.mechanism": mechanism, "sasl.jaas.config": jaas}


def of_librdkafka(mechanism: str, password: str = PASSWORD) -> dict[str, str]:
    """The same in librdkafka's properties."""
    return {"sasl.mechanisms": mechanism, "sasl.username": "ada", "sasl.password": password}


def properties_for(
    kafka: SecureKafka, protocol: str, login: Mapping[str, str], is_java: bool
) -> dict[str, str]:
    """All that a client must be told."""
    found = {"bootstrap.servers": kafka.servers[protocol], "security.protocol": protocol, **login}
    if "SSL" in protocol and is_java:
        found["ssl.truststore.type"] = "PEM"
        found["ssl.truststore.location"] = str(kafka.certificates.authority)
    elif "SSL" in protocol:
        found["ssl.ca.location"] = str(kafka.certificates.authority)
    return found


WAYS = {
    "ssl-java": ("SSL", {}, True),
    "ssl-librdkafka": ("SSL", {}, False),
    "plain-java": ("SASL_PLAINTEXT", of_java(PLAIN, "PLAIN"), True),
    "scram-256-librdkafka": ("SASL_PLAINTEXT", of_librdkafka("SCRAM-SHA-256"), False),
    "scram-512-java": ("SASL_SSL", of_java(SCRAM, "SCRAM-SHA-512"), True),
    "plain-ssl-librdkafka": ("SASL_SSL", of_librdkafka("PLAIN"), False),
    "scram-256-ssl-java": ("SASL_SSL", of_java(SCRAM, "SCRAM-SHA-256"), True),
}


def copy_topic(properties: Mapping[str, str], pattern: str, target: str, folder: Path) -> None:
    """Copy what there is in topics by a pattern, exactly once."""
    copying(properties, pattern, target, folder).execute()


def copying(
    properties: Mapping[str, str], pattern: str, target: str, folder: Path, is_bounded: bool = True
) -> StreamExecutionEnvironment:
    """A job that copies topics by a pattern, exactly once."""
    configuration = {
        "execution.checkpointing.interval": "100 ms",
        "execution.checkpointing.dir": folder.as_uri(),
        "restart-strategy.type": "none",
    }
    env = StreamExecutionEnvironment.get_execution_environment(
        Configuration.from_dict(configuration)
    )
    text = SimpleStringSchema()
    source = (
        KafkaSource.builder()
        .set_properties(dict(properties))
        .set_topic_pattern(pattern)
        .set_value_only_deserializer(text)
    )
    if is_bounded:
        source.set_bounded(KafkaOffsetsInitializer.latest())
    records = KafkaRecordSerializationSchema.builder().set_topic(target)
    sink = KafkaSink.builder().set_properties(dict(properties))
    sink.set_bootstrap_servers(properties["bootstrap.servers"])
    sink.set_record_serializer(records.set_value_serialization_schema(text).build())
    sink.set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE).set_transactional_id_prefix(target)
    records_in = env.from_source(source.build(), WatermarkStrategy.no_watermarks(), "Kafka")
    records_in.sink_to(sink.build())
    return env


@pytest.mark.parametrize("way", WAYS)
def test_a_job_copies_a_topic_exactly_once(
    secure_kafka: SecureKafka, tmp_path: Path, way: str
) -> None:
    source, target = secure_kafka.create_topic(partitions=2), secure_kafka.create_topic()
    produce(secure_kafka, source, *map(str, range(50)))
    properties = properties_for(secure_kafka, *WAYS[way])
    copy_topic(properties, f"{source[:-1]}.", target, tmp_path)
    assert settled_numbers(secure_kafka, target) == list(range(50))


def test_a_client_may_show_a_certificate(secure_kafka: SecureKafka, tmp_path: Path) -> None:
    source, target = secure_kafka.create_topic(), secure_kafka.create_topic()
    produce(secure_kafka, source, "7")
    own = str(secure_kafka.certificates.client)
    properties = properties_for(
        secure_kafka, "SSL", {"ssl.keystore.type": "PEM", "ssl.keystore.location": own}, True
    )
    copy_topic(properties, source, target, tmp_path)
    assert settled_numbers(secure_kafka, target) == [7]


# --- what goes wrong -----------------------------------------------------------------------------


def read_failure(properties: Mapping[str, str]) -> str:
    """What a job says that cannot read."""
    source = KafkaSource.builder().set_properties({"default.api.timeout.ms": "15000", **properties})
    source.set_topics("topic").set_value_only_deserializer(SimpleStringSchema())
    env = StreamExecutionEnvironment.get_execution_environment(
        Configuration.from_dict({"restart-strategy.type": "none"})
    )
    env.from_source(source.build(), WatermarkStrategy.no_watermarks(), "Kafka").print()
    with pytest.raises(FlottError) as found:
        env.execute()
    return str(found.value)


def write_failure(properties: Mapping[str, str], guarantee: DeliveryGuarantee) -> str:
    """What a job says that cannot write."""
    records = KafkaRecordSerializationSchema.builder().set_topic("topic")
    records.set_value_serialization_schema(SimpleStringSchema())
    sink = KafkaSink.builder().set_properties({"delivery.timeout.ms": "15000", **properties})
    sink.set_bootstrap_servers(properties["bootstrap.servers"])
    sink.set_record_serializer(records.build()).set_delivery_guarantee(guarantee)
    sink.set_transactional_id_prefix("prefix").set_property("request.timeout.ms", "5000")
    env = StreamExecutionEnvironment.get_execution_environment(
        Configuration.from_dict(
            {"execution.checkpointing.interval": "1 s", "restart-strategy.type": "none"}
        )
    )
    env.from_collection(["a"]).sink_to(sink.build())
    with pytest.raises(FlottError) as found:
        env.execute()
    return str(found.value)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_a_wrong_password_is_named(secure_kafka: SecureKafka, mechanism: str) -> None:
    login = of_librdkafka(mechanism, "wrong-horse")
    properties = properties_for(secure_kafka, "SASL_PLAINTEXT", login, False)
    said = read_failure(properties)
    assert "Signing in failed: check sasl.mechanism, sasl.username and sasl.password" in said
    assert "wrong-horse" not in said


@pytest.mark.parametrize("guarantee", ["EXACTLY_ONCE", "AT_LEAST_ONCE"])
def test_a_sink_names_a_wrong_password(secure_kafka: SecureKafka, guarantee: str) -> None:
    login = of_java(SCRAM, "SCRAM-SHA-512", "wrong-horse")
    properties = properties_for(secure_kafka, "SASL_SSL", login, True)
    said = write_failure(properties, DeliveryGuarantee[guarantee])
    assert "refused the login. Check security.protocol, sasl.mechanism, user and password" in said
    assert "wrong-horse" not in said


def with_stranger(kafka: SecureKafka) -> dict[str, str]:
    """Properties of a client that trusts somebody else."""
    found = properties_for(kafka, "SSL", {}, False)
    return {**found, "ssl.ca.location": str(kafka.certificates.stranger)}


def test_an_unknown_authority_is_named(secure_kafka: SecureKafka) -> None:
    said = read_failure(with_stranger(secure_kafka))
    assert "The TLS connection failed: check security.protocol, ssl.ca.location" in said
    assert "certificate verify failed" in said


def test_a_sink_names_an_unknown_authority(secure_kafka: SecureKafka) -> None:
    said = write_failure(with_stranger(secure_kafka), DeliveryGuarantee.EXACTLY_ONCE)
    assert "failed. Check security.protocol, ssl.ca.location" in said


def test_a_file_of_certificates_that_is_not_there(secure_kafka: SecureKafka) -> None:
    properties = properties_for(secure_kafka, "SSL", {}, False)
    properties["ssl.ca.location"] = "/nowhere/ca.pem"
    assert "ssl.ca.location" in read_failure(properties)


def test_a_listener_that_speaks_tls_is_not_spoken_to_without(secure_kafka: SecureKafka) -> None:
    said = read_failure({"bootstrap.servers": secure_kafka.servers["SSL"]})
    assert "is security.protocol what they speak there?" in said


# --- other ways in -------------------------------------------------------------------------------


def options_of(properties: Mapping[str, str]) -> dict[str, str]:
    return {f"properties.{name}": value for name, value in properties.items()}


def test_tables_read_and_write(secure_kafka: SecureKafka) -> None:
    topic = secure_kafka.create_topic()
    properties = properties_for(secure_kafka, *WAYS["scram-512-java"])
    tables = Tables(properties["bootstrap.servers"])
    options = {**options_of(properties), "format": "json"}
    tables.create("words", "word STRING", topic, options)
    tables.run("INSERT INTO words VALUES ('a'), ('b')")
    assert tables.rows("SELECT word FROM words") == [("a",), ("b",)]


def test_peek_signs_in(secure_kafka: SecureKafka) -> None:
    topic = secure_kafka.create_topic()
    produce(secure_kafka, topic, '{"word": "a"}')
    properties = properties_for(secure_kafka, *WAYS["scram-512-java"])
    place = f"kafka://{properties.pop('bootstrap.servers')}/{topic}"
    given = [f"--property={name}={value}" for name, value in properties.items()]
    result = CliRunner().invoke(app, ["peek", place, *given])
    assert result.exit_code == 0, result.output
    assert "CREATE TABLE" in result.output
    assert PASSWORD not in result.output


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["plain-java", "plain-ssl-librdkafka"])
def test_no_secret_is_logged_or_kept(
    secure_kafka: SecureKafka, tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    source, target = secure_kafka.create_topic(), secure_kafka.create_topic()
    produce(secure_kafka, source, "7")
    properties = {"debug": "security,broker", **properties_for(secure_kafka, *WAYS[way])}
    env = copying(properties, source, target, tmp_path, is_bounded=False)
    with caplog.at_level(logging.DEBUG):
        client = env.execute_async()
        wait_until(lambda: settled_numbers(secure_kafka, target) == [7], "it is copied")
        path = client.stop_with_savepoint(False, (tmp_path / "kept").as_uri()).result()
    assert PASSWORD not in caplog.text
    assert any(record.name == "flott.connectors.kafka" for record in caplog.records)
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert any(str(each).startswith(path.removeprefix("file://")) for each in files)
    assert [each for each in files if PASSWORD.encode() in each.read_bytes()] == []


def test_no_secret_is_shown_by_sql(secure_kafka: SecureKafka) -> None:
    topic = secure_kafka.create_topic()
    properties = properties_for(secure_kafka, *WAYS["plain-java"])
    properties["ssl.key.password"] = PASSWORD
    tables = Tables(properties["bootstrap.servers"])
    tables.create("words", "word STRING", topic, {**options_of(properties), "format": "json"})
    environment = tables.environment
    shown = [
        environment.explain_sql("SELECT word FROM words"),
        environment.explain_sql("INSERT INTO words SELECT word FROM words"),
        *(row[0] for row in environment.execute_sql("SHOW CREATE TABLE words").collect()),
        *(str(row) for row in environment.execute_sql("DESCRIBE EXTENDED words").collect()),
        repr(environment.from_path("words").get_schema()),
    ]
    assert PASSWORD not in "\n".join(shown)


def test_no_secret_is_in_an_error_of_a_table(secure_kafka: SecureKafka) -> None:
    properties = properties_for(secure_kafka, *WAYS["plain-java"])
    tables = Tables(properties["bootstrap.servers"])
    options: dict[str, Any] = {**options_of(properties), "format": "json", "no.such": "x"}
    tables.create("words", "word STRING", "t", options)
    with pytest.raises(FlottError, match=r"no\.such") as found:
        tables.rows("SELECT word FROM words")
    assert PASSWORD not in str(found.value)
