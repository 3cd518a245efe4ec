"""Clients of real brokers: librdkafka, which comes with confluent-kafka.

Records go through its C interface, called by the native module, so that none becomes an object of
Python; confluent-kafka itself is asked what is not said often. Both use the same copy of the
library: the one inside confluent-kafka's wheel, or the system's where confluent-kafka was built
against that. Nothing is loaded before the first client is made.
"""

from __future__ import annotations

import ctypes.util
import functools
import importlib
import importlib.util
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flott.common.errors import ConfigurationError
from flott.connectors.kafka.client.ports import ClientError, TopicPartition

if TYPE_CHECKING:
    from flott.connectors.kafka.client.ports import Cluster, RecordConsumer, RecordProducer
    from flott.kernels._native import KafkaLibrary

_MISSING: Final = (
    "Kafka needs confluent-kafka, which is not installed. Run: pip install flott[kafka]"
)
_FOLDERS_OF_WHEEL: Final = ("confluent_kafka.libs", "confluent_kafka/.dylibs")


@dataclass(frozen=True, slots=True)
class LibrdkafkaClients:
    """Makes clients of real brokers.

    >>> LibrdkafkaClients()
    LibrdkafkaClients()
    """

    def consumer(
        self,
        properties: Mapping[str, str],
        columns: Collection[str],
        wake: Callable[[], None],
    ) -> RecordConsumer:
        """A consumer; ``properties`` need a ``group.id``, though no group is joined.

        Raises:
            ConfigurationError: librdkafka is not there.
            ClientError: A property is unknown or has a wrong value.
        """
        from flott.connectors.kafka.librdkafka.consumer import LibrdkafkaConsumer

        return LibrdkafkaConsumer(load_library(), properties, columns, wake)

    def producer(self, properties: Mapping[str, str], topic: str | None) -> RecordProducer:
        """A producer that spreads keys over partitions as Java's does, unless told otherwise.

        Raises:
            ConfigurationError: librdkafka is not there.
            ClientError: A property is unknown or has a wrong value.
        """
        from flott.connectors.kafka.librdkafka.producer import LibrdkafkaProducer

        return LibrdkafkaProducer(load_library(), properties, topic)

    def cluster(self, properties: Mapping[str, str]) -> Cluster:
        """Answers about the cluster; does not connect before the first question.

        Raises:
            ConfigurationError: confluent-kafka is not there.
            ClientError: A property is unknown or has a wrong value.
        """
        _find_package()
        from flott.connectors.kafka.librdkafka.cluster import LibrdkafkaCluster

        return LibrdkafkaCluster(load_library, properties)


@functools.cache
def load_library() -> KafkaLibrary:
    """librdkafka, loaded once a process.

    Raises:
        ConfigurationError: It is not there, or cannot be used.
    """
    from flott.kernels.kafka import open_library

    path = find_library()
    try:
        return open_library(path, make_client_error)
    except RuntimeError as error:
        raise ConfigurationError(f"{error}. Run: pip install --upgrade flott[kafka]") from None


def find_library() -> str:
    """The file of librdkafka that confluent-kafka uses, or the name of the system's.

    Raises:
        ConfigurationError: There is none.
    """
    package = _find_package()
    for folder in _FOLDERS_OF_WHEEL:
        for file in sorted((package.parent / folder).glob("librdkafka*")):
            return str(file)
    importlib.import_module("confluent_kafka.cimpl")
    if found := find_mapped(Path("/proc/self/maps")):
        return found
    if found := ctypes.util.find_library("rdkafka"):
        return found
    raise ConfigurationError(_MISSING)


def find_mapped(maps: Path) -> str | None:
    """The file of librdkafka among those mapped into a process, by Linux' list of them."""
    if not maps.exists():
        return None
    found = re.search(r"/\S*/librdkafka[^/\s]*\.so[^/\s]*$", maps.read_text(), re.MULTILINE)
    return found.group() if found else None


def _find_package() -> Path:
    spec = importlib.util.find_spec("confluent_kafka")
    if spec is None or spec.origin is None:
        raise ConfigurationError(_MISSING)
    return Path(spec.origin).parent


def make_client_error(
    name: str,
    text: str,
    is_fatal: bool,
    is_retriable: bool,
    needs_abort: bool,
    topic: str,
    partition: int,
    /,
) -> ClientError:
    """What the native module raises."""
    named = topic and partition >= 0
    return ClientError(
        name,
        f"{text}, topic '{topic}'" if topic and not named else text,
        is_fatal=is_fatal,
        is_retriable=is_retriable,
        needs_abort=needs_abort,
        partition=TopicPartition(topic, partition) if named else None,
    )
