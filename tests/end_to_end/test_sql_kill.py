"""SQL jobs whose workers are killed write what they would have written."""

import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flott.common.job_client import JobClient
from flott.table import EnvironmentSettings, TableEnvironment
from tests.end_to_end.support import LIMIT_S, children_of, wait_until

EVENTS = 40_000
#: Until all events must have been written; by checkpoints, for they are slow where the machine is.
CHECKPOINTS_MAX = 300

SOURCE = f"""
CREATE TABLE events (
  event_type INT,
  person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING,
             state STRING, `dateTime` TIMESTAMP(3), extra STRING>,
  auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT,
              `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT,
              extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING,
          `dateTime` TIMESTAMP(3), extra STRING>,
  ts AS CASE WHEN event_type = 0 THEN person.`dateTime`
             WHEN event_type = 1 THEN auction.`dateTime` ELSE bid.`dateTime` END,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'nexmark', 'events.num' = '{EVENTS}', 'first-event.rate' = '10000',
        'next-event.rate' = '10000'{{paced}})
"""

QUERIES = {
    "windows": """
SELECT bid.auction AS auction, window_end, COUNT(*) AS bids, COUNT(DISTINCT bid.bidder) AS bidders,
       MAX(bid.price) AS best
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' SECOND))
WHERE event_type = 2
GROUP BY bid.auction, window_start, window_end""",
    "join": """
SELECT a.id AS auction, b.price AS price, b.bidder AS bidder
FROM (SELECT auction.id AS id, ts FROM events WHERE event_type = 1) AS a
JOIN (SELECT bid.auction AS auction, bid.price AS price, bid.bidder AS bidder, ts
      FROM events WHERE event_type = 2) AS b
ON a.id = b.auction AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '2' SECOND""",
    "changes": """
SELECT bid.bidder AS bidder, COUNT(*) AS bids, MIN(bid.price) AS least
FROM events WHERE event_type = 2 GROUP BY bid.bidder""",
}
COLUMNS = {
    "windows": "auction BIGINT, window_end TIMESTAMP(3), bids BIGINT, bidders BIGINT, best BIGINT",
    "join": "auction BIGINT, price BIGINT, bidder BIGINT",
    "changes": "bidder BIGINT, bids BIGINT, least BIGINT",
}


#: A source that never ends, so that no job is over before it was killed, however slow the machine.
ENDLESS = """
CREATE TABLE endless ({columns}) WITH ('connector' = 'filesystem', 'path' = '{folder}',
  'format' = 'json', 'source.monitor-interval' = '1 s')
"""


def expected(query: str) -> Counter[str]:
    """What BATCH mode answers, in one task."""
    environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    environment.execute_sql(SOURCE.format(paced=""))
    found: Counter[str] = Counter()
    with environment.execute_sql(QUERIES[query]).collect() as rows:
        found.update(str(plain(list(row))) for row in rows)
    return found


def plain(values: list[Any]) -> list[Any]:
    return [
        str(value)[:19].replace("T", " ") if not isinstance(value, int) else value
        for value in values
    ]


def start(query: str, folder: Path, parallelism: int) -> JobClient:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    configuration = environment.get_config()
    configuration.set("execution.target", "processes")
    configuration.set("parallelism.default", str(parallelism))
    configuration.set("execution.checkpointing.interval", "100 ms")
    configuration.set("restart-strategy.type", "fixed-delay")
    configuration.set("restart-strategy.fixed-delay.attempts", "10")
    configuration.set("restart-strategy.fixed-delay.delay", "10 ms")
    configuration.set("flott.batch.size-max", "500")
    environment.execute_sql(SOURCE.format(paced=", 'rate.limited' = 'true'"))
    format_ = "debezium-json" if query == "changes" else "json"
    environment.execute_sql(
        f"CREATE TABLE sink ({COLUMNS[query]}) WITH ('connector' = 'filesystem', "
        f"'path' = '{folder}', 'format' = '{format_}')"
    )
    empty = folder.with_name("empty")
    empty.mkdir()
    environment.execute_sql(ENDLESS.format(columns=COLUMNS[query], folder=empty))
    insert = f"INSERT INTO sink {QUERIES[query]} UNION ALL SELECT * FROM endless"
    client = environment.execute_sql(insert).get_job_client()
    assert client is not None
    return client


def written(query: str, folder: Path) -> Counter[str]:
    """The rows in the files, after all changes."""
    rows: Counter[str] = Counter()
    lines = [
        json.loads(line)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_"))
        for line in path.read_text().splitlines()
    ]
    for line in lines:
        if query == "changes":
            for side, weight in (("before", -1), ("after", 1)):
                if line.get(side):
                    rows[str(plain(list(line[side].values())))] += weight
        else:
            rows[str(plain(list(line.values())))] += 1
    return Counter({row: count for row, count in rows.items() if count})


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("parallelism", [1, 2])
def test_killed_workers_change_no_answer(tmp_path: Path, query: str, parallelism: int) -> None:
    client = start(query, tmp_path / "out", parallelism)

    def progress() -> Any:
        assert not client.get_job_execution_result().done()
        return client.get_progress()  # type: ignore[attr-defined]

    def wait_for_checkpoints(count: int) -> None:
        before = progress().checkpoint_id or 0
        wait_until(lambda: (progress().checkpoint_id or 0) >= before + count, "checkpoints")

    for kill in range(1, 3):
        wait_for_checkpoints(2)
        os.kill(progress().worker_pids[-1], signal.SIGKILL)
        wait_until(lambda kill=kill: progress().restarts >= kill, f"restart {kill}")
    answer, out = expected(query), tmp_path / "out"
    for _ in range(CHECKPOINTS_MAX):
        if written(query, out) == answer:
            break
        wait_for_checkpoints(1)
    client.stop_with_savepoint(True, str(tmp_path / "savepoint")).result(LIMIT_S)
    assert written(query, out) == answer
    assert children_of(os.getpid()) == []
