"""One Nexmark query on Flott; prints its seconds as JSON."""

from __future__ import annotations

import json
import sys
import time

from nexmark_script import read_script

from flott.table import EnvironmentSettings, TableEnvironment


def main() -> None:
    """``nexmark_flott.py QUERY EVENTS_OPTIONS FOLDER WORKERS CHECKPOINT_MS``."""
    query, events, folder, workers, checkpoint_ms = sys.argv[1:]
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    configuration = environment.get_config()
    configuration.set("parallelism.default", workers)
    if int(checkpoint_ms):
        configuration.set("execution.checkpointing.interval", f"{checkpoint_ms} ms")
        configuration.set("execution.checkpointing.dir", f"{folder}/checkpoints")
    preparation, statement = read_script(query, events, folder)
    for each in preparation:
        environment.execute_sql(each)
    started = time.perf_counter()
    result = environment.execute_sql(statement)
    result.wait()
    seconds = time.perf_counter() - started
    client = result.get_job_client()
    if client is not None:
        # The start of the workers' processes is left out, as that of Flink's cluster is.
        seconds = client.get_job_execution_result().result().get_net_runtime() / 1000
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
