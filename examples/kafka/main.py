"""Fraud detection on Kafka, once in the DataStream API and once in SQL.

    python examples/kafka/main.py [--servers HOST:PORT] [--forever]

A broker is started, card payments go into a topic, and two jobs read them: `detect.py` and
`detect.sql`. Each writes its alerts into a topic of its own, exactly once; they are read back
and printed. In the end both must have found every stolen card once, and nobody else's.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from broker import running_broker
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, NewTopic
from detect import make_job
from payments import Payments

from flott.common import JobClient
from flott.table import EnvironmentSettings, TableEnvironment

ALERTS = {"alerts-datastream": "DataStream", "alerts-sql": "SQL"}
THEFTS, RATE = 12, 1000
PATIENCE_S = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", help="a broker that runs already")
    parser.add_argument("--forever", action="store_true", help="go on until Ctrl-C")
    arguments = parser.parse_args()
    with nullcontext(arguments.servers) if arguments.servers else running_broker() as servers:
        print(f"Kafka is at {servers}. In another terminal:")
        print(f"  flott peek kafka://{servers}/payments\n", flush=True)
        create_topics(servers)
        payments = Payments(servers, "payments", RATE, 10**9 if arguments.forever else THEFTS)
        payments.start()
        try:
            with running_jobs(servers):
                found = read_alerts(servers, payments, arguments.forever)
        finally:
            payments.stop()
    if not arguments.forever:
        report(payments, found)


def create_topics(servers: str) -> None:
    """The topics of the example."""
    admin = AdminClient({"bootstrap.servers": servers})
    topics = [NewTopic("payments", 4, 1), *(NewTopic(name, 1, 1) for name in ALERTS)]
    for created in admin.create_topics(topics).values():
        created.result(30)


@contextmanager
def running_jobs(servers: str) -> Iterator[None]:
    """Both jobs, until the block ends."""
    clients = [make_job(servers).execute_async("fraud detection"), start_sql(servers)]
    try:
        yield
    finally:
        for client in clients:
            client.cancel().result()


def start_sql(servers: str) -> JobClient:
    """The job in SQL: the script could be run by `flott sql -f`, too."""
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("execution.checkpointing.interval", "500 ms")
    script = (Path(__file__).parent / "detect.sql").read_text().replace("${SERVERS}", servers)
    for statement in filter(str.strip, script.split(";\n")):
        client = environment.execute_sql(statement).get_job_client()
    assert client is not None
    return client


def read_alerts(servers: str, payments: Payments, forever: bool) -> dict[str, list]:
    """Print alerts as they come, until both jobs have found every stolen card."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "reader",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",  # what is not committed may not stay
        }
    )
    consumer.subscribe(list(ALERTS))
    found: dict[str, list] = defaultdict(list)
    deadline = time.monotonic() + PATIENCE_S
    try:
        while forever or time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is not None and message.error() is None:
                system, alert = ALERTS[message.topic()], json.loads(message.value())
                found[system].append((alert["card"], alert["amount"]))
                place = f"{alert['card']} paid {alert['amount']:8.2f} in {alert['city']}"
                print(f"{system:>10}  {place}", flush=True)
            is_over = len(payments.stolen) == THEFTS and not forever
            if is_over and all(len(found[system]) >= THEFTS for system in ALERTS.values()):
                break
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()
    return found


def report(payments: Payments, found: dict[str, list]) -> None:
    """What came out of it."""
    print(f"\n{payments.sent:,} payments, {len(payments.stolen)} cards stolen", flush=True)
    for system in ALERTS.values():
        print(f"{system:>10}: {len(found[system])} alerts")
        if sorted(found[system]) != sorted(payments.stolen):
            raise SystemExit(f"{system} has not found every stolen card exactly once")


if __name__ == "__main__":
    main()
