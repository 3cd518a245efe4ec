"""Asynchronous enrichment: ask another service about every record, many questions at a time.

The service takes its time and fails now and then. Up to ten questions are under way at once, each
is asked again when it fails, and the answers come out in the order of the records.
"""

import asyncio
from typing import NamedTuple

from flott.common import Time
from flott.datastream import (
    AsyncDataStream,
    AsyncFunction,
    AsyncRetryStrategy,
    RuntimeContext,
    StreamExecutionEnvironment,
)
from flott.datastream.async_retry_predicates import has_exception_predicate


class Order(NamedTuple):
    number: int
    article: str


class PricedOrder(NamedTuple):
    number: int
    article: str
    euros: float


class PriceService:
    """Stands for a service on the network: slow, and busy at every first question about tea."""

    PRICES = {"tea": 4.50, "cup": 7.00, "pot": 29.90}

    def __init__(self) -> None:
        self._asked: set[int] = set()

    async def price_of(self, order: Order) -> float:
        await asyncio.sleep(0.05 if order.article == "pot" else 0.01)
        if order.article == "tea" and order.number not in self._asked:
            self._asked.add(order.number)
            raise ConnectionError("busy, come again")
        return self.PRICES[order.article]


class AskPrice(AsyncFunction[Order, PricedOrder]):
    """Looks up the price of an order."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._service = PriceService()

    async def async_invoke(self, value: Order) -> list[PricedOrder]:
        return [PricedOrder(*value, await self._service.price_of(value))]

    def timeout(self, value: Order) -> list[PricedOrder]:
        return [PricedOrder(*value, float("nan"))]


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    articles = ["pot", "tea", "cup", "cup", "tea", "pot", "tea", "cup"]
    orders = env.from_collection([Order(*each) for each in enumerate(articles, 1)])
    priced = AsyncDataStream.ordered_wait_with_retry(
        orders,
        AskPrice(),
        Time.seconds(10),
        AsyncRetryStrategy.fixed_delay(3, 20, None, has_exception_predicate),
        capacity=10,
    )
    with priced.execute_and_collect("prices") as results:
        for order in results:
            print(f"order {order.number}: {order.article} {order.euros:5.2f}")


if __name__ == "__main__":
    main()
