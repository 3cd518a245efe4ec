"""Options of where and how a job runs, and the families of Flink's cluster options.

Flink has some hundred options for Java memory, ports, security of its servers and its cluster
managers. They are accepted by prefix, so that an existing configuration file can be used, and each
says once that it does nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flott.common.config_options import ConfigOption, OptionType
from flott.common.memory_size import MemorySize
from flott.common.time import Duration

_NO_JVM = "there is no JVM whose memory could be divided."


class OptionFamily(NamedTuple):
    """Options that share a prefix.

    Attributes:
        prefix: how their keys begin.
        description: what they are about.
        no_effect: why they do nothing here; empty if they work.
    """

    prefix: str
    description: str
    no_effect: str = ""


TARGET: ConfigOption[str | None] = ConfigOption(
    "execution.target",
    OptionType.STRING,
    None,
    "Where tasks run: `embedded` in the calling process, `processes` in one process for each unit "
    "of parallelism. By default `embedded` at parallelism 1 and `processes` above. Flink's `local` "
    "means the default.",
)
ATTACHED: ConfigOption[bool] = ConfigOption(
    "execution.attached",
    OptionType.BOOLEAN,
    True,
    "Whether the command line waits for the job to end.",
    no_effect="the command line runs the program itself and ends with it.",
)
SHUTDOWN_IF_ATTACHED: ConfigOption[bool] = ConfigOption(
    "execution.shutdown-on-attached-exit",
    OptionType.BOOLEAN,
    False,
    "Whether a job ends with the command line that waits for it.",
    no_effect="a job always ends with the process that started it.",
)
TASK_CANCELLATION_INTERVAL: ConfigOption[Duration] = ConfigOption(
    "task.cancellation.interval",
    OptionType.DURATION,
    "30 s",
    "How often a task that does not react to cancellation is reminded.",
    no_effect="a task is told once; see 'task.cancellation.timeout'.",
)
TASK_CANCELLATION_TIMEOUT: ConfigOption[Duration] = ConfigOption(
    "task.cancellation.timeout",
    OptionType.DURATION,
    "3 min",
    "After how long a worker that does not react to cancellation is killed; 0 never kills.",
)
NUM_TASK_SLOTS: ConfigOption[int] = ConfigOption(
    "taskmanager.numberOfTaskSlots",
    OptionType.INT,
    1,
    "In Flink, how many subtasks of each kind a worker takes.",
    no_effect="a worker is one unit of parallelism.",
)
TASK_MANAGER_PROCESS_SIZE: ConfigOption[MemorySize | None] = ConfigOption(
    "taskmanager.memory.process.size",
    OptionType.MEMORY_SIZE,
    None,
    "In Flink, the memory of a worker.",
    no_effect=_NO_JVM,
)
JOB_MANAGER_PROCESS_SIZE: ConfigOption[MemorySize | None] = ConfigOption(
    "jobmanager.memory.process.size",
    OptionType.MEMORY_SIZE,
    None,
    "In Flink, the memory of the coordinator.",
    no_effect=_NO_JVM,
)
LATENCY_INTERVAL: ConfigOption[Duration] = ConfigOption(
    "metrics.latency.interval",
    OptionType.DURATION,
    0,
    "How often sources send a marker whose way through the job is timed; 0 sends none.",
    no_effect="latency is not measured by markers.",
    least=0,
)

TABLE: tuple[ConfigOption[Any], ...] = (
    TARGET,
    ATTACHED,
    SHUTDOWN_IF_ATTACHED,
    TASK_CANCELLATION_INTERVAL,
    TASK_CANCELLATION_TIMEOUT,
    LATENCY_INTERVAL,
    NUM_TASK_SLOTS,
    TASK_MANAGER_PROCESS_SIZE,
    JOB_MANAGER_PROCESS_SIZE,
)

_CLUSTER = "Flink's cluster processes do not exist here."

_CREDENTIALS = "file systems take addresses and credentials from their usual places."

FAMILIES: tuple[OptionFamily, ...] = (
    OptionFamily("taskmanager.", "Flink's workers: memory, network, ports.", _CLUSTER),
    OptionFamily("jobmanager.", "Flink's coordinator: memory, ports, scheduling.", _CLUSTER),
    OptionFamily("env.", "Java's installation and flags.", _NO_JVM),
    OptionFamily("classloader.", "How Java classes are loaded.", _NO_JVM),
    OptionFamily("state.backend.rocksdb.", "Tuning of RocksDB.", "state is kept in memory."),
    OptionFamily("state.backend.forst.", "Tuning of ForSt.", "state is kept in memory."),
    OptionFamily(
        "execution.checkpointing.file-merging.",
        "Merging of small files.",
        "the snapshots of a checkpoint are few files already.",
    ),
    OptionFamily(
        "execution.batch.",
        "How Flink changes a batch job while it runs.",
        "a batch job keeps the plan it was given.",
    ),
    OptionFamily("state.changelog.", "Flink's log of state.", "checkpoints hold what changed."),
    OptionFamily("state.latency-track.", "Timing of state.", "state access is not timed."),
    OptionFamily("state.size-track.", "Sizes of state.", "state access is not measured."),
    OptionFamily(
        "metrics.", "Reporters and scope formats.", "metrics are read from the job itself."
    ),
    OptionFamily("rest.", "Flink's REST server.", _CLUSTER),
    OptionFamily("web.", "Flink's web page.", _CLUSTER),
    OptionFamily("historyserver.", "Flink's history server.", _CLUSTER),
    OptionFamily("high-availability.", "Several coordinators.", _CLUSTER),
    OptionFamily("heartbeat.", "How often Flink's processes ask for each other.", _CLUSTER),
    OptionFamily("cluster.", "Flink's cluster.", _CLUSTER),
    OptionFamily("slotmanager.", "Flink's slots.", _CLUSTER),
    OptionFamily("slot.", "Flink's slots.", _CLUSTER),
    OptionFamily("resourcemanager.", "Flink's resource manager.", _CLUSTER),
    OptionFamily("blob.", "Flink's file server.", _CLUSTER),
    OptionFamily("akka.", "Messages between Flink's processes.", _CLUSTER),
    OptionFamily("pekko.", "Messages between Flink's processes.", _CLUSTER),
    OptionFamily("security.", "TLS and Kerberos of Flink's processes.", _CLUSTER),
    OptionFamily("zookeeper.", "ZooKeeper.", _CLUSTER),
    OptionFamily("kubernetes.", "Kubernetes.", _CLUSTER),
    OptionFamily("yarn.", "YARN.", _CLUSTER),
    OptionFamily("io.tmp.", "Temporary folders.", _CLUSTER),
    OptionFamily("queryable-state.", "Queryable state.", "state cannot be queried from outside."),
    OptionFamily("client.", "Flink's client.", _CLUSTER),
    OptionFamily("sql-client.", "Flink's SQL shell.", "they are for Flink's own shell."),
    OptionFamily("fs.", "File systems.", _CREDENTIALS),
    OptionFamily("s3.", "File systems.", _CREDENTIALS),
)
