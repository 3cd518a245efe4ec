"""The statements of the Kafka benchmark, for whichever system runs them."""

from __future__ import annotations

#: Three of a bid's fields are read; the rest is skipped by whoever decodes.
_BIDS = """
CREATE TABLE bids (auction BIGINT, price BIGINT, sent BIGINT, passed AS PROCTIME()) WITH (
  'connector' = 'kafka', 'topic' = '{source}', 'properties.bootstrap.servers' = '{servers}',
  'properties.group.id' = '{target}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json')"""
_GUARANTEE = """'sink.delivery-guarantee' = '{guarantee}',
  'sink.transactional-id-prefix' = '{target}', 'properties.transaction.timeout.ms' = '600000'"""
#: Every bid goes out again, with the number of bids there have been for its auction.
_RUNNING = (
    """
CREATE TABLE counted (auction BIGINT, price BIGINT, sent BIGINT, bids BIGINT) WITH (
  'connector' = 'kafka', 'topic' = '{target}', 'properties.bootstrap.servers' = '{servers}',
  'key.format' = 'json', 'key.fields' = 'auction', 'value.format' = 'json',
  """
    + _GUARANTEE
    + ")",
    """
INSERT INTO counted
SELECT auction, price, sent, COUNT(*) OVER (
  PARTITION BY auction ORDER BY passed ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
FROM bids""",
)
#: The changes of an aggregate go out: as many as the system makes of its batches.
_GROUPS = (
    """
CREATE TABLE counted (
  auction BIGINT, price BIGINT, sent BIGINT, bids BIGINT, PRIMARY KEY (auction) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = '{target}', 'properties.bootstrap.servers' = '{servers}',
  'key.format' = 'json', 'value.format' = 'json', """
    + _GUARANTEE
    + ")",
    """
INSERT INTO counted
SELECT auction, MAX(price), MAX(sent), COUNT(*) FROM bids GROUP BY auction""",
)
SHAPES = {"running": _RUNNING, "groups": _GROUPS}


def kafka_statements(
    shape: str, servers: str, source: str, target: str, guarantee: str, folder: str
) -> list[str]:
    """The statements; the last one starts the job.

    Args:
        shape: ``running`` or ``groups``.
        servers: Where the broker is.
        source: The topic of bids.
        target: The topic of counts; names the group and the transactions, too.
        guarantee: ``at-least-once`` or ``exactly-once``.
        folder: Not used.
    """
    return [
        text.format(servers=servers, source=source, target=target, guarantee=guarantee).strip()
        for text in (_BIDS, *SHAPES[shape])
    ]
