"""Builds the tasks of a worker from a deployment and joins them with channels."""

from __future__ import annotations

from dataclasses import dataclass, field

from flott.common.configuration import Configuration
from flott.common.options.checkpointing import CHECKPOINTING_INTERVAL, CHECKPOINTING_MODE
from flott.common.options.flott import CHANNEL_CREDIT, CHANNEL_ROWS
from flott.core.transport import ChannelKey, DataTransport
from flott.plan.job_plan import JobEdge
from flott.runtime.messages import DeployTasks, TaskId
from flott.runtime.task.credit_return import CreditReturn
from flott.runtime.task.gate import ChannelBounds, Gate, InputChannel
from flott.runtime.task.router import Router, make_scatter
from flott.runtime.task.sender import LocalSender, RemoteSender, Sender
from flott.runtime.wiring import receivers_of, senders_of


@dataclass(slots=True)
class Channels:
    """The ends of channels that lie in this worker."""

    inputs: dict[ChannelKey, tuple[Gate, InputChannel]] = field(default_factory=dict)
    remote_senders: dict[ChannelKey, RemoteSender] = field(default_factory=dict)
    gates: dict[TaskId, Gate] = field(default_factory=dict)


class ChannelBuilder:
    """Makes gates and routers for the tasks that ``worker`` runs."""

    def __init__(self, message: DeployTasks, worker: int, transport: DataTransport) -> None:
        self._message = message
        self._plan = message.plan
        self._worker = worker
        self._transport = transport
        configuration = Configuration.from_dict(dict(message.plan.configuration))
        self._bounds = ChannelBounds(
            configuration.get(CHANNEL_CREDIT), configuration.get(CHANNEL_ROWS)
        )
        self.channels = Channels()

    @property
    def tasks(self) -> list[TaskId]:
        """The tasks of this worker, upstream first."""
        return sorted(t for t, worker in self._message.placement.items() if worker == self._worker)

    def build_gates(self) -> None:
        """Make the receiving ends of every channel; senders look them up afterwards."""
        for task in self.tasks:
            inputs: list[InputChannel] = []
            keys: list[tuple[ChannelKey, int]] = []
            for edge in self._plan.inputs_of(task.vertex_id):
                for sender in senders_of(self._plan, edge, task.subtask):
                    name = f"{self._plan.vertices[edge.source_vertex].name}/{sender}"
                    inputs.append(
                        InputChannel(
                            len(inputs),
                            edge.input_index,
                            name,
                            self._bounds,
                            TaskId(edge.source_vertex, sender),
                        )
                    )
                    key = ChannelKey(self._message.attempt, edge.edge_id, sender, task.subtask)
                    keys.append((key, self._message.placement[TaskId(edge.source_vertex, sender)]))
            gate = Gate(inputs)
            self.channels.gates[task] = gate
            for channel, (key, sender_worker) in zip(inputs, keys, strict=True):
                self.channels.inputs[key] = (gate, channel)
                if sender_worker != self._worker:
                    channel.on_taken = CreditReturn(
                        self._transport, sender_worker, key, self._bounds
                    )

    def build_routers(self, task: TaskId) -> dict[tuple[int, str | None], list[Router]]:
        """The routers of ``task`` by operator and side output."""
        routers: dict[tuple[int, str | None], list[Router]] = {}
        for edge in self._plan.outputs_of(task.vertex_id):
            receivers = receivers_of(self._plan, edge, task.subtask)
            if not receivers:
                continue
            senders = [self._sender(edge, task.subtask, receiver) for receiver in receivers]
            scatter = make_scatter(
                edge.partitioner,
                len(senders),
                task.subtask,
                self._plan.vertices[edge.target_vertex].max_parallelism,
            )
            receiver = self._plan.vertices[edge.target_vertex].head.name
            router = Router(senders, edge.partitioner, scatter, receiver)
            routers.setdefault((edge.source_operator, edge.side_tag), []).append(router)
        return routers

    def _sender(self, edge: JobEdge, sender: int, receiver: int) -> Sender:
        key = ChannelKey(self._message.attempt, edge.edge_id, sender, receiver)
        worker = self._message.placement[TaskId(edge.target_vertex, receiver)]
        if worker == self._worker:
            return LocalSender(*self.channels.inputs[key])
        remote = RemoteSender(self._transport, worker, key, self._bounds)
        self.channels.remote_senders[key] = remote
        return remote


def is_exactly_once(configuration: Configuration) -> bool:
    """Whether channels wait for one another at barriers."""
    return configuration.get(CHECKPOINTING_MODE).name == "EXACTLY_ONCE"


def has_checkpoints(configuration: Configuration) -> bool:
    """Whether checkpoints are taken at intervals."""
    return configuration.get(CHECKPOINTING_INTERVAL) is not None
