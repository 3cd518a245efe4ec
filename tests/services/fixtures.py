"""The fixtures that give tests a service.

``kafka`` is one broker for the whole run, whichever processes the tests are spread over: nobody may
hurt it, and every test uses topics of its own. ``own_kafka`` and ``kafka_cluster`` are for tests
that kill and pause brokers: one broker for a test, three for the tests of a module.
``schema_registry`` is one registry for the whole run.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.java import MissingService, require

if TYPE_CHECKING:
    from tests.services.kafka import KafkaCluster
    from tests.services.registry import SchemaRegistryService
    from tests.services.secure_kafka import SecureKafka


def need(service: str) -> None:
    """Skip the test where a service can not be had; fail it where everything has to be there."""
    try:
        require(service)
    except MissingService as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> KafkaCluster:
    """One broker, shared by all tests of the run: use topics of your own."""
    need("kafka")
    from tests.services.kafka import KafkaCluster

    folder, owner = run_of(tmp_path_factory)
    with (folder / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = folder / "kafka.json"
        cluster = KafkaCluster(folder / "kafka")
        if place.exists():
            cluster.bootstrap_servers = json.loads(place.read_text())
        else:
            cluster.start(owner_pid=owner)
            place.write_text(json.dumps(cluster.bootstrap_servers))
    return cluster


@pytest.fixture(scope="session")
def schema_registry(tmp_path_factory: pytest.TempPathFactory) -> SchemaRegistryService:
    """One schema registry, shared by all tests of the run: use subjects of your own."""
    need("registry")
    from tests.services.registry import SchemaRegistryService

    folder, owner = run_of(tmp_path_factory)
    with (folder / "registry.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = folder / "registry.json"
        service = SchemaRegistryService(folder / "registry")
        if place.exists():
            service.url = json.loads(place.read_text())
        else:
            service.start(owner)
            place.write_text(json.dumps(service.url))
    return service


def run_of(factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The folder that all processes of this test run share, and the process it ends with."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return folder.parent, os.getppid()
    return folder, os.getpid()


@pytest.fixture(scope="module")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """One broker that speaks TLS and SASL, for the tests of a module."""
    need("kafka")
    from tests.services.secure_kafka import SecureKafka

    with SecureKafka(tmp_path_factory.mktemp("secure") / "broker") as cluster:
        cluster.add_user()
        yield cluster


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[KafkaCluster]:
    """One broker for this test alone, which may do to it what it likes."""
    yield from _cluster(tmp_path / "kafka", 1)


@pytest.fixture(scope="module")
def kafka_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three brokers for the tests of a module; who stops one starts it again."""
    yield from _cluster(tmp_path_factory.mktemp("brokers") / "kafka", 3)


def _cluster(folder: Path, size: int) -> Iterator[Any]:
    need("kafka")
    from tests.services.kafka import KafkaCluster

    with KafkaCluster(folder, size) as cluster:
        yield cluster
