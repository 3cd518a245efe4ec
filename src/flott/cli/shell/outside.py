"""What the shell finds out about Kafka while somebody types: topics and their columns.

Nobody waits for it: questions are asked on a thread, and until the answer has come there is none.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flott.cli.peeking.seeing import Wanted, see
from flott.connectors.kafka.client.ports import KafkaClients

#: So long a completion may wait for an answer that is on its way.
_PATIENCE_S: Final = 0.3
_PROPERTY: Final = re.compile(r"'properties\.([\w.-]+)'\s*=\s*'([^']*)'")
_TOPIC: Final = re.compile(r"'topic'\s*=\s*'([^';]+)'")
_SERVERS: Final = "bootstrap.servers"


@dataclass
class _Question:
    answer: Sequence[str] = ()
    done: threading.Event = field(default_factory=threading.Event)


class Outside:
    """Asks, and remembers the answers.

    Args:
        clients: How to reach brokers; those of librdkafka if not given.
        patience_s: How long to wait for an answer.
    """

    def __init__(
        self, clients: KafkaClients | None = None, patience_s: float = _PATIENCE_S
    ) -> None:
        self._clients = clients
        self._patience_s = patience_s
        self._questions: dict[tuple[str, ...], _Question] = {}

    def topics(self, statement: str) -> Sequence[str]:
        """The topics of the servers that a statement names."""
        properties = dict(_PROPERTY.findall(statement))
        if not properties.get(_SERVERS):
            return ()
        return self._ask(("topics", *_flat(properties)), lambda: self._list_topics(properties))

    def columns(self, statement: str) -> Sequence[str]:
        """The columns of the topic that a statement names, as they would be declared."""
        properties, topic = dict(_PROPERTY.findall(statement)), _TOPIC.search(statement)
        if not properties.get(_SERVERS) or topic is None:
            return ()
        name = topic[1]
        question = ("columns", name, *_flat(properties))
        return self._ask(question, lambda: self._see_columns(name, properties))

    def _ask(self, key: tuple[str, ...], find: Callable[[], Sequence[str]]) -> Sequence[str]:
        question = self._questions.get(key)
        if question is None:
            question = self._questions[key] = _Question()
            threading.Thread(target=self._answer, args=(key, question, find), daemon=True).start()
        question.done.wait(self._patience_s)
        return question.answer

    def _answer(
        self, key: tuple[str, ...], question: _Question, find: Callable[[], Sequence[str]]
    ) -> None:
        try:
            question.answer = find()
        except Exception:  # nobody has asked for it: whatever is wrong is told by the statement
            self._questions.pop(key, None)
        finally:
            question.done.set()

    def _list_topics(self, properties: Mapping[str, str]) -> Sequence[str]:
        from flott.cli.peeking.address import find_silent
        from flott.connectors.kafka.client.properties import translate
        from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients

        if self._clients is None and find_silent(properties[_SERVERS], 2.0) is not None:
            return ()
        clients: KafkaClients = self._clients or LibrdkafkaClients()
        cluster = clients.cluster(translate(properties, "cluster"))
        try:
            return sorted(cluster.topics())
        finally:
            cluster.close()

    def _see_columns(self, topic: str, properties: Mapping[str, str]) -> Sequence[str]:
        others = {name: text for name, text in properties.items() if name != _SERVERS}
        where = f"kafka://{properties[_SERVERS]}/{topic}"
        table = see(Wanted(where, properties=others, clients=self._clients)).table
        if table is None:
            return ()
        body = table.split("(\n", 1)[1].split("\n) WITH (", 1)[0]
        return [line.strip().removesuffix(",") for line in body.splitlines()]


def _flat(properties: Mapping[str, str]) -> list[str]:
    return [f"{name}={text}" for name, text in sorted(properties.items())]
