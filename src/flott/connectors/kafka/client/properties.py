"""Client properties: those of the Java client, as Flink programs have them, become librdkafka's.

Most names are the same. Some have another name, some have no meaning without a JVM and are accepted
without effect, and some cannot be had: these are refused, with what does the same. A name that
nobody knows is refused with the nearest one, for a property that is silently ignored is found out
late. Properties of the other kind of client are left out, so that a producer and a consumer can
share a dict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from flott.common.errors import ConfigurationError
from flott.common.redaction import mask_mapping
from flott.common.suggestions import did_you_mean
from flott.connectors.kafka.client.jaas import parse_jaas
from flott.connectors.kafka.client.property_names import (
    CLIENT,
    CONSUMER,
    IGNORED,
    PRODUCER,
    REFUSED,
    RENAMED,
    SOURCE_SETTINGS,
)

#: What a client is for: reading, writing, or asking the cluster (as a consumer does).
Role = Literal["consumer", "producer", "cluster"]

_JKS_HINT: Final = (
    "librdkafka cannot read Java key stores. Export the {what} as PEM "
    "(keytool -exportcert -rfc, or openssl pkcs12) and set {instead}"
)


def translate(properties: Mapping[str, Any], role: Role) -> dict[str, str]:
    """Return librdkafka's properties for a client.

    Args:
        properties: Names of the Java client or of librdkafka; numbers and booleans become text.
        role: What the client is for.

    Raises:
        ConfigurationError: If a property is unknown, needs Java, or has a value that cannot be
            read.

    >>> translate({"bootstrap.servers": "a:9092", "fetch.max.wait.ms": 100}, "consumer")
    {'bootstrap.servers': 'a:9092', 'fetch.wait.max.ms': '100'}
    """
    given = {name: to_text(value) for name, value in properties.items()}
    wanted = PRODUCER if role == "producer" else CONSUMER
    result: dict[str, str] = {}
    for name, value in given.items():
        for ours, text in _translate_one(name, value, given, role).items():
            if ours in CLIENT or ours in wanted:
                result[ours] = text
    return result


def redact(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties with the values of secrets hidden, for messages.

    >>> redact({"client.id": "a", "sasl.password": "enigma"})
    {'client.id': 'a', 'sasl.password': '******'}
    """
    return mask_mapping(properties)


def check_servers(properties: Mapping[str, Any]) -> str:
    """Return the servers, for messages.

    Raises:
        ConfigurationError: If there are none.
    """
    servers = properties.get("bootstrap.servers") or properties.get("metadata.broker.list")
    if not servers or not str(servers).strip():
        raise ConfigurationError(
            "Kafka needs bootstrap.servers, such as 'localhost:9092'", key="bootstrap.servers"
        )
    return str(servers)


def to_text(value: Any) -> str:
    """Return a value as properties files have it: ``true`` for ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _translate_one(name: str, value: str, given: Mapping[str, str], role: Role) -> dict[str, str]:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(value, given)
    if name in REFUSED:
        raise ConfigurationError(f"{name} is not supported: {REFUSED[name]}", key=name)
    if name == "request.timeout.ms" and role != "producer":
        return {"socket.timeout.ms": value}
    if name in RENAMED:
        return {RENAMED[name]: _without_default(name, value)}
    if name in CLIENT or name in CONSUMER or name in PRODUCER:
        return {name: value}
    if name in IGNORED or name in SOURCE_SETTINGS:
        return {}
    known = CLIENT | CONSUMER | PRODUCER | set(RENAMED) | set(_SPECIAL) | SOURCE_SETTINGS
    hint = did_you_mean(name, known) or "Names are those of Kafka's clients and of librdkafka."
    raise ConfigurationError(f"Unknown Kafka property '{name}'. {hint}", key=name)


def _without_default(name: str, value: str) -> str:
    """-1 leaves the size of a buffer to the system; librdkafka writes that as 0."""
    return "0" if name.endswith(".buffer.bytes") and value == "-1" else value


def _jaas(value: str, given: Mapping[str, str]) -> dict[str, str]:
    return parse_jaas(value)


def _login_handler(value: str, given: Mapping[str, str]) -> dict[str, str]:
    if not value.endswith("OAuthBearerLoginCallbackHandler"):
        raise ConfigurationError(
            "sasl.login.callback.handler.class names a Java class; for OAUTHBEARER set "
            "sasl.oauthbearer.method=oidc and the other sasl.oauthbearer.* properties",
            key="sasl.login.callback.handler.class",
        )
    return {"sasl.oauthbearer.method": "oidc"}


def _token_endpoint(value: str, given: Mapping[str, str]) -> dict[str, str]:
    return {
        "sasl.oauthbearer.method": given.get("sasl.oauthbearer.method", "oidc"),
        "sasl.oauthbearer.token.endpoint.url": value,
    }


def _truststore(value: str, given: Mapping[str, str]) -> dict[str, str]:
    if given.get("ssl.truststore.type", "").upper() == "PEM":
        return {"ssl.ca.location": value}
    raise _key_store_error("ssl.truststore.location", "certificates", "ssl.ca.location")


def _keystore(value: str, given: Mapping[str, str]) -> dict[str, str]:
    kind = given.get("ssl.keystore.type", "PKCS12").upper()
    if kind == "PEM":
        return {"ssl.certificate.location": value, "ssl.key.location": value}
    if kind != "PKCS12" or value.lower().endswith(".jks"):
        instead = "ssl.certificate.location and ssl.key.location"
        raise _key_store_error("ssl.keystore.location", "certificate and the key", instead)
    return {"ssl.keystore.location": value}


def _key_store_error(key: str, what: str, instead: str) -> ConfigurationError:
    return ConfigurationError(f"{key}: {_JKS_HINT.format(what=what, instead=instead)}", key=key)


def _nothing(value: str, given: Mapping[str, str]) -> dict[str, str]:
    return {}


def _endpoint_check(value: str, given: Mapping[str, str]) -> dict[str, str]:
    return {"ssl.endpoint.identification.algorithm": value.strip().lower() or "none"}


def _lower(name: str) -> Callable[[str, Mapping[str, str]], dict[str, str]]:
    def translated(value: str, given: Mapping[str, str]) -> dict[str, str]:
        return {name: value.strip().lower()}

    return translated


def _buffer_memory(value: str, given: Mapping[str, str]) -> dict[str, str]:
    try:
        kbytes = int(value) // 1024
    except ValueError:
        raise ConfigurationError(
            f"buffer.memory is a number of bytes, found {value!r}", key="buffer.memory"
        ) from None
    return {"queue.buffering.max.kbytes": str(max(kbytes, 1))}


def _level_of(codec: str) -> Callable[[str, Mapping[str, str]], dict[str, str]]:
    def translated(value: str, given: Mapping[str, str]) -> dict[str, str]:
        chosen = given.get("compression.type", given.get("compression.codec"))
        return {"compression.level": value} if chosen == codec else {}

    return translated


_SPECIAL: Final[dict[str, Callable[[str, Mapping[str, str]], dict[str, str]]]] = {
    "buffer.memory": _buffer_memory,
    "compression.gzip.level": _level_of("gzip"),
    "compression.lz4.level": _level_of("lz4"),
    "compression.zstd.level": _level_of("zstd"),
    "isolation.level": _lower("isolation.level"),
    "sasl.jaas.config": _jaas,
    "sasl.login.callback.handler.class": _login_handler,
    "sasl.oauthbearer.token.endpoint.url": _token_endpoint,
    "security.protocol": _lower("security.protocol"),
    "ssl.endpoint.identification.algorithm": _endpoint_check,
    "ssl.keystore.location": _keystore,
    "ssl.keystore.type": _nothing,
    "ssl.truststore.location": _truststore,
    "ssl.truststore.password": _nothing,
    "ssl.truststore.type": _nothing,
}
