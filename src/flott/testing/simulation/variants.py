"""How a cluster is put together; tests hand in broken parts to see that the simulator notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flott.core.blocking import BlockingCalls
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.services import RuntimeServices
from flott.runtime.worker.worker import Worker


def unchanged_services(services: RuntimeServices) -> RuntimeServices:
    """The services as they are."""
    return services


def unchanged_calls(calls: BlockingCalls) -> BlockingCalls:
    """The calls as they are."""
    return calls


@dataclass(frozen=True, slots=True)
class Variant:
    """The parts of a cluster.

    Attributes:
        worker: The class of the worker machine.
        coordinator: The class of the job machine.
        services: Changes the services of workers.
        coordinator_calls: Changes the blocking calls of the coordinator.
        options: Options of the job that go before those drawn for it.
    """

    worker: type[Worker] = Worker
    coordinator: type[JobCoordinator] = JobCoordinator
    services: Callable[[RuntimeServices], RuntimeServices] = unchanged_services
    coordinator_calls: Callable[[BlockingCalls], BlockingCalls] = unchanged_calls
    options: Mapping[str, str] = field(default_factory=dict)
