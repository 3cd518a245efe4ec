"""One Nexmark query on PyFlink; prints its seconds as JSON.

Seconds are the job's own: the start of the Java process and of its local cluster are left out. The
source of the public benchmark is a jar of its own; without it, events come from a file.
"""

import json
import sys

from nexmark_script import read_script
from pyflink.table import EnvironmentSettings, TableEnvironment

OPTIONS = {
    "table.exec.mini-batch.enabled": "true",
    "table.exec.mini-batch.allow-latency": "2 s",
    "table.exec.mini-batch.size": "50000",
    "table.optimizer.distinct-agg.split.enabled": "true",
    "pipeline.object-reuse": "true",
}


def main():
    query, events, folder, workers, checkpoint_ms, jar = sys.argv[1:]
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    configuration = environment.get_config()
    for key, value in OPTIONS.items():
        configuration.set(key, value)
    configuration.set("parallelism.default", workers)
    if jar:
        configuration.set("pipeline.jars", f"file://{jar}")
    if int(checkpoint_ms):
        configuration.set("execution.checkpointing.interval", f"{checkpoint_ms} ms")
        configuration.set("execution.checkpointing.dir", f"file://{folder}/checkpoints")
    preparation, statement = read_script(query, events, folder)
    for each in preparation:
        environment.execute_sql(each)
    result = environment.execute_sql(statement)
    job = result.get_job_client().get_job_execution_result().result()
    print(json.dumps({"seconds": job.get_net_runtime() / 1000}))


if __name__ == "__main__":
    main()
