from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError
from flott.connectors.kafka.client.jaas import parse_jaas
from flott.connectors.kafka.client.properties import check_servers, redact, translate
from flott.connectors.kafka.client.property_names import CLIENT, CONSUMER, PRODUCER

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required "


def consumer(**properties: object) -> dict[str, str]:
    """Translate properties whose dots are written as underscores."""
    return translate(
        {name.replace("_", "."): each for name, each in properties.items()}, "consumer"
    )


def test_names_that_are_the_same_are_kept() -> None:
    given = {"bootstrap.servers": "a:1,b:2", "client.id": "x", "queued.min.messages": "5"}
    assert translate(given, "consumer") == given


@pytest.mark.parametrize(
    ("java", "value", "ours", "text"),
    [
        ("fetch.max.wait.ms", "100", "fetch.wait.max.ms", "100"),
        ("receive.buffer.bytes", "-1", "socket.receive.buffer.bytes", "0"),
        ("send.buffer.bytes", "4096", "socket.send.buffer.bytes", "4096"),
        ("request.timeout.ms", 5000, "socket.timeout.ms", "5000"),
        ("check.crcs", True, "check.crcs", "true"),
        ("security.protocol", "SASL_SSL", "security.protocol", "sasl_ssl"),
        ("isolation.level", "READ_COMMITTED", "isolation.level", "read_committed"),
        ("ssl.endpoint.identification.algorithm", "", None, "none"),
    ],
)
def test_names_and_values_of_the_java_consumer(
    java: str, value: object, ours: str | None, text: str
) -> None:
    assert translate({java: value}, "consumer") == {ours or java: text}


@pytest.mark.parametrize(
    ("java", "value", "ours", "text"),
    [
        ("max.request.size", "2000000", "message.max.bytes", "2000000"),
        ("buffer.memory", "33554432", "queue.buffering.max.kbytes", "32768"),
        ("buffer.memory", "7", "queue.buffering.max.kbytes", "1"),
        ("request.timeout.ms", "5000", "request.timeout.ms", "5000"),
        ("acks", "all", "acks", "all"),
    ],
)
def test_names_and_values_of_the_java_producer(java: str, value: str, ours: str, text: str) -> None:
    assert translate({java: value}, "producer") == {ours: text}


def test_a_level_counts_for_the_chosen_compression() -> None:
    levels = {
        "compression.type": "zstd",
        "compression.zstd.level": "7",
        "compression.gzip.level": 9,
    }
    chosen = {"compression.type": "zstd", "compression.level": "7"}
    assert translate(levels | {"compression.type": "zstd"}, "producer") == chosen


def test_properties_of_the_other_kind_of_client_are_left_out() -> None:
    both = {"client.id": "x", "acks": "all", "fetch.min.bytes": "1"}
    assert translate(both, "consumer") == {"client.id": "x", "fetch.min.bytes": "1"}
    assert translate(both, "producer") == {"client.id": "x", "acks": "all"}


@pytest.mark.parametrize(
    "name",
    [
        "value.deserializer",
        "max.poll.records",
        "metric.reporters",
        "partition.discovery.interval.ms",
    ],
)
def test_names_without_meaning_here_are_accepted(name: str) -> None:
    assert translate({name: "x"}, "consumer") == {}


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match=r"'fetch.min.byte'. Did you mean 'fetch.min.byt"):
        translate({"fetch.min.byte": "1"}, "consumer")


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("ssl.truststore.location", "/a.jks", "set ssl.ca.location"),
        ("ssl.keystore.location", "/a.jks", "ssl.certificate.location and ssl.key.location"),
        ("sasl.client.callback.handler.class", "x.Y", "sasl.oauthbearer.method=oidc"),
        ("sasl.login.callback.handler.class", "x.Y", "sasl.oauthbearer.method=oidc"),
        ("partitioner.class", "x.Y", "partitioner takes one of murmur2_random"),
        ("buffer.memory", "much", "a number of bytes"),
    ],
)
def test_what_needs_java_is_refused_with_what_does_the_same(
    name: str, value: str, instead: str
) -> None:
    with pytest.raises(ConfigurationError, match=instead) as caught:
        translate({name: value}, "producer")
    assert caught.value.key == name


def test_stores_of_pem_are_taken() -> None:
    pem = {
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "/ca.pem",
        "ssl.truststore.password": "unused",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": "/client.pem",
        "ssl.key.password": "enigma",
    }
    assert translate(pem, "cluster") == {
        "ssl.ca.location": "/ca.pem",
        "ssl.certificate.location": "/client.pem",
        "ssl.key.location": "/client.pem",
        "ssl.key.password": "enigma",
    }


def test_a_pkcs12_key_store_and_certificates_as_text_are_taken() -> None:
    found = consumer(ssl_keystore_location="/client.p12", ssl_truststore_certificates="-----BEGIN")
    assert found == {"ssl.keystore.location": "/client.p12", "ssl.ca.pem": "-----BEGIN"}


def test_jaas_gives_name_and_password() -> None:
    text = SCRAM + r'username="ada" password="a\"b;c=d";'
    found = consumer(sasl_mechanism="SCRAM-SHA-512", sasl_jaas_config=text)
    assert found == {
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "ada",
        "sasl.password": 'a"b;c=d',
    }


def test_jaas_of_a_shaded_class_and_without_quotes() -> None:
    module = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.plain.PlainLoginModule"
    found = parse_jaas(f"{module} REQUIRED username=ada\n password=enigma ;")
    assert found == {"sasl.username": "ada", "sasl.password": "enigma"}


def test_jaas_of_oauth() -> None:
    text = (
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
        'clientId="c" clientSecret="s" scope="read" extension_cluster="lkc-1" extension_pool="p";'
    )
    properties = {
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.jaas.config": text,
        "sasl.oauthbearer.token.endpoint.url": "https://idp/token",
        "sasl.login.callback.handler.class": "x.OAuthBearerLoginCallbackHandler",
    }
    assert translate(properties, "consumer") == {
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.client.id": "c",
        "sasl.oauthbearer.client.secret": "s",
        "sasl.oauthbearer.scope": "read",
        "sasl.oauthbearer.extensions": "cluster=lkc-1,pool=p",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.token.endpoint.url": "https://idp/token",
    }


def test_jaas_of_kerberos() -> None:
    text = (
        "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true "
        'keyTab="/etc/ada.keytab" principal="ada@REALM";'
    )
    found = {"sasl.kerberos.keytab": "/etc/ada.keytab", "sasl.kerberos.principal": "ada@REALM"}
    assert parse_jaas(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("required", "begin with the class of a login module"),
        (SCRAM + 'username="ada" password="enigma"', "a semicolon at the end"),
        (SCRAM + 'username="ada" password enigma;', "after 1 options"),
        (SCRAM + 'username="ada";', "password is missing"),
        ("a.IAMLoginModule required;", "no login module IAMLoginModule here"),
    ],
)
def test_broken_jaas_is_refused_without_repeating_it(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        consumer(sasl_jaas_config=text)
    assert "enigma" not in str(caught.value)


def test_secrets_are_hidden_where_properties_are_shown() -> None:
    shown = redact({"group.id": "g", "sasl.jaas.config": "enigma", "ssl.key.pem": "enigma"})
    assert shown["group.id"] == "g"
    assert "enigma" not in str(shown)


def test_servers_are_needed() -> None:
    assert check_servers({"bootstrap.servers": "a:1"}) == "a:1"
    with pytest.raises(ConfigurationError, match=r"needs bootstrap.servers"):
        check_servers({"bootstrap.servers": " "})


@pytest.mark.parametrize("name", sorted(CLIENT | CONSUMER | PRODUCER))
def test_librdkafka_knows(name: str) -> None:
    kafka = pytest.importorskip("confluent_kafka")
    with pytest.raises((kafka.KafkaException, TypeError)) as caught:
        kafka.Producer({name: "1", "no.such.property": "1"})
    assert f'No such configuration property: "{name}"' not in str(caught.value)
