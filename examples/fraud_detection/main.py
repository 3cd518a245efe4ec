"""Fraud detection: a tiny payment and then, within a minute, a large one look like a stolen card.

Each account remembers when its last payment was tiny. A timer clears that after a minute: whoever
does not come back takes no room.
"""

from collections.abc import Iterator
from typing import NamedTuple

from flott.common import WatermarkStrategy
from flott.common.state import ValueStateDescriptor
from flott.datastream import KeyedProcessFunction, RuntimeContext, StreamExecutionEnvironment

TINY, LARGE = 1.00, 500.00
MINUTE_MS = 60_000


class Payment(NamedTuple):
    account: int
    at_s: int
    amount: float


class Alert(NamedTuple):
    account: int
    at_s: int
    amount: float


PAYMENTS = [
    Payment(1, 0, 0.55),
    Payment(2, 5, 24.00),
    Payment(1, 20, 810.00),  # 20 seconds after a tiny one: alert
    Payment(3, 30, 0.10),
    Payment(2, 45, 650.00),  # large, but nothing tiny before
    Payment(3, 50, 12.00),
    Payment(3, 55, 900.00),  # the payment just before was not tiny
    Payment(4, 60, 0.80),
    Payment(1, 70, 0.20),
    Payment(1, 75, 501.00),  # alert again
    Payment(4, 140, 720.00),  # 80 seconds after a tiny one: forgotten
]


class FraudDetector(KeyedProcessFunction):
    """Watches one account, the key."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._tiny_ms = runtime_context.get_state(ValueStateDescriptor("tiny payment at", int))

    def process_element(self, value: Payment, ctx: KeyedProcessFunction.Context) -> Iterator[Alert]:
        now_ms, tiny_ms = ctx.timestamp(), self._tiny_ms.value()
        if tiny_ms is not None:
            if value.amount > LARGE and now_ms - tiny_ms < MINUTE_MS:
                yield Alert(value.account, value.at_s, value.amount)
            ctx.timer_service().delete_event_time_timer(tiny_ms + MINUTE_MS)
            self._tiny_ms.clear()
        if value.amount < TINY:
            self._tiny_ms.update(now_ms)
            ctx.timer_service().register_event_time_timer(now_ms + MINUTE_MS)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> None:
        self._tiny_ms.clear()


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)  # the records of a list stay in order
    by_time = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
        lambda payment: payment.at_s * 1000
    )
    alerts = (
        env.from_collection(PAYMENTS)
        .assign_timestamps_and_watermarks(by_time)
        .key_by(lambda payment: payment.account)
        .process(FraudDetector())
        .name("fraud detector")
    )
    with alerts.execute_and_collect("fraud detection") as results:
        for alert in results:
            print(f"after {alert.at_s:3} s: account {alert.account} paid {alert.amount:.2f}")


if __name__ == "__main__":
    main()
