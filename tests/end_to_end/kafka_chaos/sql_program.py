"""The job in SQL: a count of each key that changes, and windows, exactly once.

Arguments: servers, topic of the records, topic of the counts, topic of the windows.
"""

import sys

from flott.table import EnvironmentSettings, TableEnvironment

COMMON = "'properties.bootstrap.servers' = '{servers}', 'topic' = '{topic}'"
EXACTLY_ONCE = """
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '{topic}',
  'properties.transaction.timeout.ms' = '20000'
"""

RECORDS = f"""
CREATE TABLE records (
  `key` STRING, number BIGINT, at_ms BIGINT, ts AS TO_TIMESTAMP_LTZ(at_ms, 3),
  WATERMARK FOR ts AS ts
) WITH (
  'connector' = 'kafka', {COMMON}, 'properties.group.id' = '{{topic}}-job',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'csv', 'csv.field-delimiter' = ' '
)"""
COUNTS = f"""
CREATE TABLE counts (`key` STRING, `last` BIGINT, records BIGINT, PRIMARY KEY (`key`) NOT ENFORCED)
WITH (
  'connector' = 'upsert-kafka', {COMMON}, {EXACTLY_ONCE},
  'key.format' = 'raw', 'value.format' = 'csv', 'value.csv.field-delimiter' = ' '
)"""
WINDOWS = f"""
CREATE TABLE windows (`key` STRING, start_ms BIGINT, records BIGINT) WITH (
  'connector' = 'kafka', {COMMON}, {EXACTLY_ONCE},
  'key.format' = 'raw', 'key.fields' = 'key', 'value.format' = 'csv',
  'value.csv.field-delimiter' = ' '
)"""
INTO_COUNTS = """
INSERT INTO counts SELECT `key`, MAX(number), COUNT(*) FROM records WHERE `key` <> 'end'
GROUP BY `key`"""
INTO_WINDOWS = """
INSERT INTO windows
SELECT `key`, 1000 * UNIX_TIMESTAMP(CAST(window_start AS STRING)), COUNT(*)
FROM TABLE(TUMBLE(TABLE records, DESCRIPTOR(ts), INTERVAL '1' SECOND))
WHERE `key` <> 'end' GROUP BY `key`, window_start, window_end"""


def main(servers: str, records: str, counts: str, windows: str) -> None:
    """Run the job until somebody stops it."""
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    tables = ((RECORDS, records), (COUNTS, counts), (WINDOWS, windows))
    for statement, topic in tables:
        environment.execute_sql(statement.format(servers=servers, topic=topic))
    statements = environment.create_statement_set()
    statements.add_insert_sql(INTO_COUNTS)
    statements.add_insert_sql(INTO_WINDOWS)
    statements.execute().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
