"""A benchmark on Kafka in SQL, on Flott or on PyFlink; runs until it is ended.

    python kafka_sql.py kafka SHAPE SERVERS SOURCE TARGET GUARANTEE CHECKPOINT_MS FOLDER
    python kafka_sql.py yahoo VARIANT SERVERS SOURCE TARGET GUARANTEE CHECKPOINT_MS FOLDER

``FLINK_JAR`` in the environment names Flink's connector. ``QUICK`` is for latency: both send
watermarks every 10 ms, and Flink what it has every millisecond. Their defaults, 200 and 100 ms,
would be all one sees.
"""

import os
import sys

from kafka_script import kafka_statements
from yahoo_script import yahoo_statements

JAR = os.environ.get("FLINK_JAR")
if JAR:
    from pyflink.table import EnvironmentSettings, TableEnvironment
else:
    from flott.table import EnvironmentSettings, TableEnvironment

FLINK_OPTIONS = {
    "pipeline.jars": f"file://{JAR}",
    "pipeline.object-reuse": "true",
    "table.exec.mini-batch.enabled": "true",
    "table.exec.mini-batch.allow-latency": "100 ms",
    "table.exec.mini-batch.size": "50000",
}


def main():
    case, shape, servers, source, target, guarantee, checkpoint_ms, folder = sys.argv[1:]
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    configuration = environment.get_config()
    options = {
        "parallelism.default": "1",
        "execution.checkpointing.interval": f"{checkpoint_ms} ms",
        "execution.checkpointing.dir": f"file://{folder}/checkpoints",
        "table.local-time-zone": "UTC",
    }
    if JAR:
        options |= FLINK_OPTIONS
    if os.environ.get("QUICK"):
        options["pipeline.auto-watermark-interval"] = "10 ms"
    if JAR and os.environ.get("QUICK"):
        options["execution.buffer-timeout.interval"] = "1 ms"
        options["table.exec.mini-batch.enabled"] = "false"
    for key, value in options.items():
        configuration.set(key, value)
    make = yahoo_statements if case == "yahoo" else kafka_statements
    *preparation, last = make(shape, servers, source, target, guarantee, folder)
    for statement in preparation:
        environment.execute_sql(statement)
    environment.execute_sql(last).wait()


if __name__ == "__main__":
    main()
