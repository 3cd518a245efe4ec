"""What a sink asks of its producers: the user's properties, and what a guarantee needs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flott.common.errors import ConfigurationError
from flott.common.options.checkpointing import CHECKPOINTING_INTERVAL
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.properties import check_servers, translate
from flott.connectors.kafka.sink.errors import Situation
from flott.core.context import OperatorContext

_log = logging.getLogger(__name__)

_PREFIX_BYTES_MAX: Final = 6_400
_TIMEOUT_KEY: Final = "transaction.timeout.ms"
_DELIVERY_KEYS: Final = ("delivery.timeout.ms", "message.timeout.ms")
_DELIVERY_MS: Final = 300_000
_SIZE_MAX: Final = 1_000_000
#: A transaction holds up readers after a crash, so it should not be allowed to take too long; and
#: brokers allow 15 minutes by default.
_TIMEOUT_MIN_MS: Final = 60_000
_TIMEOUT_MAX_MS: Final = 900_000
_TIMEOUT_INTERVALS: Final = 3
#: Who sets these has decided about order and repetition.
_ORDER_KEYS: Final = frozenset(
    {
        "acks",
        "request.required.acks",
        "max.in.flight",
        "max.in.flight.requests.per.connection",
        "retries",
        "message.send.max.retries",
    }
)


@dataclass(frozen=True, slots=True)
class ProducerSettings:
    """Properties of producers.

    Attributes:
        given: What the user asked for, in librdkafka's names.
        for_cluster: The same for asking the cluster.
        guarantee: What is promised.
        prefix: Begins transactional ids.
        servers: The brokers, for messages.
    """

    given: Mapping[str, str]
    for_cluster: Mapping[str, str]
    guarantee: DeliveryGuarantee
    prefix: str | None
    servers: str

    @staticmethod
    def read(
        properties: Mapping[str, Any], guarantee: DeliveryGuarantee, prefix: str | None
    ) -> ProducerSettings:
        """Translate and check the user's properties.

        Raises:
            ConfigurationError: One is unknown, or does not go with the guarantee.
        """
        given = translate(properties, "producer")
        cluster = {**translate(properties, "cluster"), "isolation.level": "read_committed"}
        servers = check_servers(properties)
        if "transactional.id" in given:
            raise ConfigurationError(
                "transactional.id is chosen by the sink; set the prefix of its ids instead "
                "(set_transactional_id_prefix, or 'sink.transactional-id-prefix').",
                key="transactional.id",
            )
        if guarantee is DeliveryGuarantee.EXACTLY_ONCE:
            _check_prefix(prefix)
            _check_idempotence(given)
        return ProducerSettings(given, cluster, guarantee, prefix, servers)

    def for_producer(self, context: OperatorContext) -> dict[str, str]:
        """The properties of a producer, without transactional id."""
        result = {"partitioner": "murmur2_random", **self.given}
        if self.guarantee is DeliveryGuarantee.EXACTLY_ONCE:
            result[_TIMEOUT_KEY] = str(self._choose_timeout_ms(context))
            if not any(key in result for key in _DELIVERY_KEYS):
                result["message.timeout.ms"] = str(self._choose_delivery_ms(context))
        else:
            result.pop(_TIMEOUT_KEY, None)
            if not _ORDER_KEYS & result.keys():
                result.setdefault("enable.idempotence", "true")
        return result

    def describe(self, context: OperatorContext, topic: str | None) -> Situation:
        """What errors have to name."""
        return Situation(
            servers=self.servers,
            topic=topic,
            prefix=self.prefix,
            delivery_ms=self._choose_delivery_ms(context),
            timeout_ms=self._choose_timeout_ms(context),
            size_max=self._read("message.max.bytes") or _SIZE_MAX,
        )

    def check_timeout(self, context: OperatorContext) -> None:
        """Compare how long transactions may take with how long they will.

        Raises:
            ConfigurationError: A record may take longer than its transaction.
        """
        timeout_ms = self._choose_timeout_ms(context)
        delivery_ms = self._choose_delivery_ms(context)
        if delivery_ms > timeout_ms:
            raise ConfigurationError(
                f"delivery.timeout.ms={delivery_ms} is longer than "
                f"transaction.timeout.ms={timeout_ms}: a record must arrive before its "
                "transaction times out. Lower the first or raise the second.",
                key="delivery.timeout.ms",
            )
        interval_ms = _interval_ms(context)
        if interval_ms is not None and timeout_ms <= interval_ms and context.subtask_index == 0:
            _log.warning(
                "transaction.timeout.ms=%d is not longer than %s (%d ms): transactions time out "
                "before their checkpoint is complete, and all records are sent twice. Nothing is "
                "lost by it. Raise the first (brokers allow transaction.max.timeout.ms, 15 minutes "
                "by default) or take checkpoints more often.",
                timeout_ms,
                CHECKPOINTING_INTERVAL.key,
                interval_ms,
            )

    def _choose_timeout_ms(self, context: OperatorContext) -> int:
        given = self._read(_TIMEOUT_KEY)
        if given is not None:
            return given
        if not context.checkpoints_enabled:
            return _TIMEOUT_MAX_MS
        wanted_ms = _TIMEOUT_INTERVALS * (_interval_ms(context) or 0)
        return min(max(wanted_ms, _TIMEOUT_MIN_MS), _TIMEOUT_MAX_MS)

    def _choose_delivery_ms(self, context: OperatorContext) -> int:
        for key in _DELIVERY_KEYS:
            given = self._read(key)
            if given is not None:
                return given
        if self.guarantee is DeliveryGuarantee.EXACTLY_ONCE:
            return min(_DELIVERY_MS, self._choose_timeout_ms(context))
        return _DELIVERY_MS

    def _read(self, key: str) -> int | None:
        text = self.given.get(key)
        if text is None:
            return None
        try:
            return int(text)
        except ValueError:
            raise ConfigurationError(f"{key} is a whole number, found {text!r}", key=key) from None


def _interval_ms(context: OperatorContext) -> int | None:
    if not context.checkpoints_enabled:
        return None
    interval = context.configuration.get(CHECKPOINTING_INTERVAL)
    return None if interval is None else interval.to_millis()


def _check_prefix(prefix: str | None) -> None:
    if not prefix:
        raise ConfigurationError(
            "Exactly once needs a prefix for transactional ids, unique among all sinks of all jobs "
            "that use the brokers: set_transactional_id_prefix('orders-job'), or "
            "'sink.transactional-id-prefix' = 'orders-job'.",
            key="sink.transactional-id-prefix",
        )
    if len(prefix.encode()) > _PREFIX_BYTES_MAX:
        raise ConfigurationError(
            f"The transactional id prefix has more than {_PREFIX_BYTES_MAX} bytes.",
            key="sink.transactional-id-prefix",
        )


def _check_idempotence(given: Mapping[str, str]) -> None:
    if given.get("enable.idempotence", "true").lower() == "false":
        raise ConfigurationError(
            "enable.idempotence=false does not go with exactly once: transactions need it. "
            "Leave it out.",
            key="enable.idempotence",
        )
