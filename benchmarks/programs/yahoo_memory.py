"""The Yahoo streaming benchmark without a broker, on Flott or on PyFlink; prints figures as JSON.

    python yahoo_memory.py sql|list EVENTS FOLDER

``sql``: a statement makes the events, the same for both systems; ads are known by their numbers, so
that no texts are made that nobody reads. ``list``: Flott's DataStream API reads rows from a list.
``FLINK`` in the environment means PyFlink.
"""

import json
import os
import sys
import time

from usage import usage_of
from yahoo_events import ADS_PER_CAMPAIGN, CAMPAIGNS, campaign_names

START_MS = 1_700_000_000_000
#: Events of a millisecond of event time: a window has a million.
EVENTS_PER_MS = 100
ADS = """
CREATE TABLE ads (
  ad BIGINT, campaign_id STRING, since TIMESTAMP(3),
  PRIMARY KEY (ad) NOT ENFORCED, WATERMARK FOR since AS since
) WITH ('connector' = 'filesystem', 'path' = '{folder}/ads.csv', 'format' = 'csv')"""
EVENTS = """
CREATE TABLE events (
  n BIGINT, ad AS MOD(n * 7919, {ads}), kind AS MOD(n, 3),
  moment AS CAST(TO_TIMESTAMP_LTZ({start} + n / {density}, 3) AS TIMESTAMP(3)),
  WATERMARK FOR moment AS moment - INTERVAL '0.001' SECOND
) WITH (
  'connector' = 'datagen', 'fields.n.kind' = 'sequence', 'fields.n.start' = '0',
  'fields.n.end' = '{last}', 'rows-per-second' = '1000000000')"""
SEEN = """
CREATE TABLE seen (campaign_id STRING, window_end TIMESTAMP(3), ads BIGINT)
WITH ('connector' = 'blackhole')"""
JOINED = """
CREATE TEMPORARY VIEW joined AS
SELECT a.campaign_id, e.moment
FROM (SELECT ad, moment FROM events WHERE kind = 0) AS e
JOIN ads FOR SYSTEM_TIME AS OF e.moment AS a ON e.ad = a.ad"""
QUERY = """
INSERT INTO seen
SELECT campaign_id, window_end, COUNT(*)
FROM TUMBLE(TABLE joined, DESCRIPTOR(moment), INTERVAL '10' SECOND)
GROUP BY campaign_id, window_start, window_end"""


def write_ads(folder):
    campaigns = campaign_names()
    with open(f"{folder}/ads.csv", "w") as stream:
        for ad in range(CAMPAIGNS * ADS_PER_CAMPAIGN):
            stream.write(f"{ad},{campaigns[ad // ADS_PER_CAMPAIGN]},1970-01-01 00:00:00\n")


def run_sql(events, folder):
    if os.environ.get("FLINK"):
        from pyflink.table import EnvironmentSettings, TableEnvironment
    else:
        from flott.table import EnvironmentSettings, TableEnvironment

    write_ads(folder)
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    configuration = environment.get_config()
    configuration.set("parallelism.default", "1")
    configuration.set("table.local-time-zone", "UTC")
    if os.environ.get("FLINK"):
        configuration.set("pipeline.object-reuse", "true")
    settings = {"folder": folder, "last": events - 1, "start": START_MS}
    settings |= {"density": EVENTS_PER_MS, "ads": CAMPAIGNS * ADS_PER_CAMPAIGN}
    for statement in (ADS, EVENTS, SEEN, JOINED):
        environment.execute_sql(statement.format(**settings))
    started = time.perf_counter()
    result = environment.execute_sql(QUERY)
    result.wait()
    seconds = time.perf_counter() - started
    client = result.get_job_client()
    if client is not None:
        seconds = client.get_job_execution_result().result().get_net_runtime() / 1000
    return seconds


def run_list(events):
    from kafka_stream import count_views
    from yahoo_events import ad_names

    from flott.common import WatermarkStrategy
    from flott.connectors.discard import DiscardingSink
    from flott.datastream import StreamExecutionEnvironment

    ads, kinds = ad_names(), ("view", "click", "purchase")
    rows = [
        (ads[n * 7919 % len(ads)], kinds[n % 3], START_MS + n // EVENTS_PER_MS)
        for n in range(events)
    ]
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    strategy = WatermarkStrategy.for_monotonous_timestamps()
    strategy = strategy.with_timestamp_assigner(lambda event, _: event[2])
    stream = env.from_collection(rows).assign_timestamps_and_watermarks(strategy)
    count_views(stream).sink_to(DiscardingSink())
    return env.execute("yahoo").get_net_runtime() / 1000


def main():
    variant, events, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    seconds = run_sql(events, folder) if variant == "sql" else run_list(events)
    used = usage_of(os.getpid())
    figures = {
        "records": events,
        "seconds": seconds,
        "cpu_seconds": used.cpu_seconds,
        "peak_mb": used.peak_mb,
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
