"""A schema registry, asked by the client of confluent-kafka: one question for each schema.

Messages that begin with a zero byte and four bytes of a number name the schema they were written
with. What the registry knows under a number never changes, so it is asked once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flott.common.errors import ConfigurationError, SinkError, SourceError
from flott.common.table_options import TableOptions
from flott.formats.avro.schema import Schema, parse_schema
from flott.formats.extras import load_extra

#: Bytes before the data of a message: zero, and the number of its schema.
HEADER_BYTES: Final = 5
#: The options of formats that use a registry.
REGISTRY_OPTIONS: Final = {
    "url": "The address of the schema registry; several are divided by commas.",
    "subject": "The subject schemas are registered under; by default that of the topic.",
    "schema": "The schema to read and write by, as JSON; by default that of the columns.",
    "basic-auth.credentials-source": "Where the user comes from: 'USER_INFO' or 'URL'.",
    "basic-auth.user-info": "User and password, as 'user:password'.",
    "bearer-auth.credentials-source": "Where the token comes from, such as 'STATIC_TOKEN'.",
    "bearer-auth.token": "The token.",
    "ssl.keystore.location": "Refused: give 'properties.ssl.certificate.location'.",
    "ssl.keystore.password": "Refused: give 'properties.ssl.key.password'.",
    "ssl.truststore.location": "Refused: give 'properties.ssl.ca.location'.",
    "ssl.truststore.password": "Refused: PEM files of authorities have none.",
    "properties.*": "Further settings of the registry's client.",
}
_NUMBERS: Final = frozenset(
    {
        "timeout",
        "max.retries",
        "retries.wait.ms",
        "retries.max.wait.ms",
        "cache.capacity",
        "cache.latest.ttl.sec",
    }
)
#: Short, since a task waits meanwhile; the job's restart strategy is there for longer outages.
_DEFAULTS: Final = {"timeout": 10, "max.retries": 2, "retries.wait.ms": 200}
_UNKNOWN_SCHEMA: Final = 40403


class UnknownSchema(ValueError):
    """The registry has no Avro schema under a number."""


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """How a registry is reached; picklable.

    Attributes:
        url: Its address.
        properties: What its client is told.
    """

    url: str
    properties: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        return f"RegistrySettings({_without_user(self.url)!r})"


def read_settings(options: TableOptions) -> RegistrySettings:
    """The registry that a format's options name.

    Raises:
        ConfigurationError: An option is missing, or names what cannot be used here.
    """
    url = options.required("url")
    for key in ("keystore.location", "keystore.password", "truststore.location"):
        if options.given(f"ssl.{key}"):
            raise options.error(
                f"ssl.{key}",
                "Java's key stores cannot be read here; give PEM files by the options "
                "'properties.ssl.ca.location', 'properties.ssl.certificate.location' and "
                "'properties.ssl.key.location'",
            )
    properties: dict[str, Any] = {**_DEFAULTS, **options.matching("properties.")}
    source = options.choice("basic-auth.credentials-source", "USER_INFO", ("USER_INFO", "URL"))
    if source == "USER_INFO" and options.given("basic-auth.user-info"):
        properties["basic.auth.user.info"] = options.required("basic-auth.user-info")
    if options.given("bearer-auth.token"):
        properties["bearer.auth.token"] = options.required("bearer-auth.token")
        source = options.text("bearer-auth.credentials-source", "STATIC_TOKEN")
        properties["bearer.auth.credentials.source"] = source
        properties.setdefault("bearer.auth.logical.cluster", "")
    for key in _NUMBERS.intersection(properties):
        properties[key] = _number(options, key, properties[key])
    return RegistrySettings(url, tuple(sorted(properties.items())))


def _number(options: TableOptions, key: str, value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise options.error(f"properties.{key}", f"expected a number, found {value!r}") from None


class SchemaRegistry:
    """Asks a registry; belongs to one reader or writer.

    Args:
        settings: How it is reached; nothing is sent before the first question.

    Raises:
        ConfigurationError: The client is not installed, or does not take a setting.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        package = "confluent_kafka.schema_registry"
        self._library = load_extra(package, "schema-registry", "A schema registry")
        self._url = _without_user(settings.url)
        try:
            configuration = {"url": settings.url, **dict(settings.properties)}
            self._client = self._library.SchemaRegistryClient(configuration)
        except (TypeError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"The client of the schema registry at {self._url} cannot be made: {error}"
            ) from error
        self._schemas: dict[int, Schema] = {}

    def schema(self, schema_id: int) -> Schema:
        """The schema under a number.

        Raises:
            UnknownSchema: There is none, or it is not an Avro schema.
            SourceError: The registry does not answer.
        """
        known = self._schemas.get(schema_id)
        if known is None:
            known = self._schemas[schema_id] = self._fetch(schema_id)
        return known

    def register(self, subject: str, schema: str) -> int:
        """The number of a schema, registered under a subject.

        Raises:
            SinkError: The registry refuses it, or does not answer.
        """
        try:
            given = self._library.Schema(schema, "AVRO")
            return int(self._client.register_schema(subject, given))
        except self._library.SchemaRegistryError as error:
            raise SinkError(
                f"The schema registry at {self._url} does not register the schema of subject "
                f"'{subject}': {error}"
            ) from error
        except Exception as error:
            raise SinkError(self._unreachable(f"to register '{subject}'", error)) from error

    def _fetch(self, schema_id: int) -> Schema:
        question = f"for schema {schema_id}"
        try:
            found = self._client.get_schema(schema_id)
            known: dict[str, Schema] = {}
            if (found.schema_type or "AVRO") == "AVRO":
                self._load_references(found, known)
        except self._library.SchemaRegistryError as error:
            if error.error_code == _UNKNOWN_SCHEMA:
                raise UnknownSchema(
                    f"the schema registry at {self._url} has no schema {schema_id}"
                ) from error
            raise SourceError(
                f"The schema registry at {self._url}, asked {question}, says: {error}"
            ) from error
        except Exception as error:
            raise SourceError(self._unreachable(question, error)) from error
        if (found.schema_type or "AVRO") != "AVRO":
            raise UnknownSchema(f"schema {schema_id} of {self._url} is {found.schema_type}")
        try:
            return parse_schema(found.schema_str, known)
        except ValueError as error:
            raise UnknownSchema(f"schema {schema_id} of {self._url}: {error}") from error

    def _load_references(self, schema: Any, known: dict[str, Schema]) -> None:
        """Add what a schema names of other subjects to ``known``."""
        for reference in schema.references or ():
            if reference.name not in known:
                other = self._client.get_version(reference.subject, reference.version).schema
                self._load_references(other, known)
                known[reference.name] = parse_schema(other.schema_str, known)

    def _unreachable(self, question: str, error: Exception) -> str:
        return f"The schema registry at {self._url}, asked {question}, does not answer: {error}"


def _without_user(url: str) -> str:
    """An address without user and password, for messages."""
    return ",".join(
        scheme + "://" + rest.rpartition("@")[2]
        for scheme, _, rest in (each.partition("://") for each in url.split(","))
    )
