"""The statements of the Yahoo streaming benchmark, for whichever system runs them.

Flink has no lookup in memory of its own, so campaigns are joined as of the time of the event, from
a file: both systems run the same text.
"""

from __future__ import annotations

_CAMPAIGNS = """
CREATE TABLE campaigns (
  ad_id STRING, campaign_id STRING, since TIMESTAMP(3),
  PRIMARY KEY (ad_id) NOT ENFORCED, WATERMARK FOR since AS since
) WITH ('connector' = 'filesystem', 'path' = '{folder}/campaigns.csv', 'format' = 'csv')"""
_KAFKA = """
CREATE TABLE events (
  ad_id STRING, event_type STRING, event_time BIGINT,
  moment AS CAST(TO_TIMESTAMP_LTZ(event_time, 3) AS TIMESTAMP(3)),
  WATERMARK FOR moment AS moment - INTERVAL '0.001' SECOND
) WITH (
  'connector' = 'kafka', 'topic' = '{source}', 'properties.bootstrap.servers' = '{servers}',
  'properties.group.id' = '{target}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json')"""
_TARGET = """
CREATE TABLE seen (campaign_id STRING, window_end TIMESTAMP(3), ads BIGINT) WITH (
  'connector' = 'kafka', 'topic' = '{target}', 'properties.bootstrap.servers' = '{servers}',
  'format' = 'json', 'sink.delivery-guarantee' = '{guarantee}',
  'sink.transactional-id-prefix' = '{target}', 'properties.transaction.timeout.ms' = '600000')"""
_QUERY = """
INSERT INTO seen
SELECT campaign_id, window_end, COUNT(*)
FROM TUMBLE(TABLE joined, DESCRIPTOR(moment), INTERVAL '10' SECOND)
GROUP BY campaign_id, window_start, window_end"""
_JOINED = """
CREATE TEMPORARY VIEW joined AS
SELECT c.campaign_id, e.moment
FROM (SELECT ad_id, moment FROM events WHERE event_type = 'view') AS e
JOIN campaigns FOR SYSTEM_TIME AS OF e.moment AS c ON e.ad_id = c.ad_id"""


def yahoo_statements(
    variant: str, servers: str, source: str, target: str, guarantee: str, folder: str
) -> list[str]:
    """The statements; the last one starts the job.

    Args:
        variant: ``kafka``.
        servers: Where the broker is.
        source: The topic of events.
        target: The topic of results; names the group and the transactions, too.
        guarantee: ``at-least-once`` or ``exactly-once``.
        folder: Where the file of campaigns is.
    """
    return [
        text.format(
            servers=servers, source=source, target=target, guarantee=guarantee, folder=folder
        ).strip()
        for text in (_CAMPAIGNS, _KAFKA, _TARGET, _JOINED, _QUERY)
    ]
