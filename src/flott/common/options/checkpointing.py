"""Options of checkpoints and savepoints, and of starting from one."""

from __future__ import annotations

from typing import Any

from flott.common.checkpointing import CheckpointingMode, ExternalizedCheckpointRetention
from flott.common.config_options import ConfigOption, OptionType
from flott.common.memory_size import MemorySize
from flott.common.time import Duration

_ALIGNED = "barriers are aligned; unaligned checkpoints are not available yet."
_MERGING = "the snapshots of a checkpoint are few files already."
_LOCAL = "there is no second copy of state beside the checkpoint storage."

CHECKPOINTING_INTERVAL: ConfigOption[Duration | None] = ConfigOption(
    "execution.checkpointing.interval",
    OptionType.DURATION,
    None,
    "How often a checkpoint is taken. Without it there are none.",
    least="1 ms",
)
CHECKPOINTING_INTERVAL_DURING_BACKLOG: ConfigOption[Duration | None] = ConfigOption(
    "execution.checkpointing.interval-during-backlog",
    OptionType.DURATION,
    None,
    "How often a checkpoint is taken while a source works off history; 0 takes none then.",
    least=0,
    no_effect="sources do not report backlog yet; the plain interval applies.",
)
CHECKPOINTING_MODE: ConfigOption[CheckpointingMode] = ConfigOption(
    "execution.checkpointing.mode",
    OptionType.ENUM,
    CheckpointingMode.EXACTLY_ONCE,
    "Whether a record may count more than once in the state after a failure.",
    choices=CheckpointingMode,
)
CHECKPOINTING_TIMEOUT: ConfigOption[Duration] = ConfigOption(
    "execution.checkpointing.timeout",
    OptionType.DURATION,
    "10 min",
    "After how long an unfinished checkpoint is given up.",
    least="1 ms",
)
MIN_PAUSE_BETWEEN_CHECKPOINTS: ConfigOption[Duration] = ConfigOption(
    "execution.checkpointing.min-pause",
    OptionType.DURATION,
    0,
    "How much time must pass between the end of a checkpoint and the start of the next.",
    least=0,
)
MAX_CONCURRENT_CHECKPOINTS: ConfigOption[int] = ConfigOption(
    "execution.checkpointing.max-concurrent-checkpoints",
    OptionType.INT,
    1,
    "How many checkpoints may be in progress at once.",
    least=1,
)
TOLERABLE_FAILURE_NUMBER: ConfigOption[int] = ConfigOption(
    "execution.checkpointing.tolerable-failed-checkpoints",
    OptionType.INT,
    0,
    "How many checkpoints in a row may fail before the job does.",
    least=0,
)
CHECKPOINTS_DIRECTORY: ConfigOption[str | None] = ConfigOption(
    "execution.checkpointing.dir",
    OptionType.STRING,
    None,
    "Where checkpoints are written: a folder or an address of `pyarrow.fs`.",
    deprecated_keys=("state.checkpoints.dir", "state.backend.fs.checkpointdir"),
)
SAVEPOINT_DIRECTORY: ConfigOption[str | None] = ConfigOption(
    "execution.checkpointing.savepoint-dir",
    OptionType.STRING,
    None,
    "Where savepoints are written if the request names no place.",
    deprecated_keys=("state.savepoints.dir", "savepoints.state.backend.fs.dir"),
)
CHECKPOINT_STORAGE: ConfigOption[str | None] = ConfigOption(
    "execution.checkpointing.storage",
    OptionType.ENUM,
    None,
    "Where checkpoints go: `jobmanager` keeps them in a temporary folder that goes with the job, "
    "`filesystem` writes them to `execution.checkpointing.dir`. By default the folder decides.",
    choices=("jobmanager", "filesystem"),
    deprecated_keys=("state.checkpoint-storage",),
)
MAX_RETAINED_CHECKPOINTS: ConfigOption[int] = ConfigOption(
    "execution.checkpointing.num-retained",
    OptionType.INT,
    1,
    "How many complete checkpoints are kept.",
    deprecated_keys=("state.checkpoints.num-retained",),
    least=1,
)
EXTERNALIZED_CHECKPOINT_RETENTION: ConfigOption[ExternalizedCheckpointRetention] = ConfigOption(
    "execution.checkpointing.externalized-checkpoint-retention",
    OptionType.ENUM,
    ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS,
    "Whether checkpoints stay when the job is cancelled.",
    choices=ExternalizedCheckpointRetention,
)
INCREMENTAL_CHECKPOINTS: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.incremental",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether a checkpoint holds only what changed.",
    deprecated_keys=("state.backend.incremental",),
    no_effect="checkpoints always hold only what changed.",
)
SNAPSHOT_COMPRESSION: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.snapshot-compression",
    OptionType.BOOLEAN,
    False,
    "Whether keyed state is compressed in checkpoints and savepoints.",
)
CHECKPOINTS_AFTER_TASKS_FINISH: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.checkpoints-after-tasks-finish",
    OptionType.BOOLEAN,
    True,
    "Whether checkpoints go on after some tasks have finished, so that sinks can commit their end.",
    no_effect="checkpoints always go on until the last task has finished.",
    deprecated_keys=("execution.checkpointing.checkpoints-after-tasks-finish.enabled",),
)
DATA_INLINE_THRESHOLD: ConfigOption[MemorySize] = ConfigOption(
    "execution.checkpointing.data-inline-threshold",
    OptionType.MEMORY_SIZE,
    "20 kb",
    "State smaller than this is kept in the manifest and not in a file of its own.",
    deprecated_keys=("state.storage.fs.memory-threshold", "state.backend.fs.memory-threshold"),
)
WRITE_BUFFER_SIZE: ConfigOption[int] = ConfigOption(
    "execution.checkpointing.write-buffer-size",
    OptionType.INT,
    4096,
    "In Flink, the buffer of streams that write checkpoints, in bytes.",
    deprecated_keys=("state.storage.fs.write-buffer-size", "state.backend.fs.write-buffer-size"),
    no_effect="a snapshot is written in one piece.",
)
CREATE_SUBDIR: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.create-subdir",
    OptionType.BOOLEAN,
    True,
    "Whether checkpoints go into a subfolder named after the job's id.",
    deprecated_keys=("state.checkpoints.create-subdir",),
)
CLEANER_PARALLEL_MODE: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.cleaner.parallel-mode",
    OptionType.BOOLEAN,
    True,
    "In Flink, whether the files of old checkpoints are deleted in parallel.",
    deprecated_keys=("state.checkpoint.cleaner.parallel-mode",),
    no_effect="old files are deleted in the background.",
)
ENABLE_UNALIGNED: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.unaligned.enabled",
    OptionType.BOOLEAN,
    False,
    "Whether barriers may overtake records.",
    deprecated_keys=("execution.checkpointing.unaligned",),
    no_effect=_ALIGNED,
)
FORCE_UNALIGNED: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.unaligned.forced",
    OptionType.BOOLEAN,
    False,
    "Whether barriers may overtake records also where Flink would refuse it.",
    no_effect=_ALIGNED,
)
ALIGNED_CHECKPOINT_TIMEOUT: ConfigOption[Duration] = ConfigOption(
    "execution.checkpointing.aligned-checkpoint-timeout",
    OptionType.DURATION,
    0,
    "After how long an aligned barrier begins to overtake records.",
    deprecated_keys=("execution.checkpointing.alignment-timeout",),
    least=0,
    no_effect=_ALIGNED,
)
UNALIGNED_MAX_SUBTASKS_PER_FILE: ConfigOption[int] = ConfigOption(
    "execution.checkpointing.unaligned.max-subtasks-per-channel-state-file",
    OptionType.INT,
    5,
    "How many subtasks share a file for records in flight.",
    no_effect=_ALIGNED,
)
INTERRUPTIBLE_TIMERS: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.unaligned.interruptible-timers.enabled",
    OptionType.BOOLEAN,
    False,
    "Whether a barrier may come between the timers that one watermark fires.",
    no_effect=_ALIGNED,
)
CHECKPOINTING_DURING_RECOVERY: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.during-recovery.enabled",
    OptionType.BOOLEAN,
    False,
    "Whether a checkpoint may be taken while records in flight are still being restored.",
    no_effect=_ALIGNED,
)
LOCAL_BACKUP: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.local-backup.enabled",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether workers keep a copy of their state on their own disk.",
    no_effect=_LOCAL,
)
LOCAL_BACKUP_DIRECTORIES: ConfigOption[str | None] = ConfigOption(
    "execution.checkpointing.local-backup.dirs",
    OptionType.STRING,
    None,
    "In Flink, where workers keep such copies.",
    deprecated_keys=("taskmanager.state.local.root-dirs",),
    no_effect=_LOCAL,
)
FILE_MERGING: ConfigOption[bool] = ConfigOption(
    "execution.checkpointing.file-merging.enabled",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether small files of checkpoints are put together.",
    no_effect=_MERGING,
)
SAVEPOINT_PATH: ConfigOption[str | None] = ConfigOption(
    "execution.state-recovery.path",
    OptionType.STRING,
    None,
    "The savepoint or retained checkpoint the job begins with.",
    deprecated_keys=("execution.savepoint.path",),
)
SAVEPOINT_IGNORE_UNCLAIMED_STATE: ConfigOption[bool] = ConfigOption(
    "execution.state-recovery.ignore-unclaimed-state",
    OptionType.BOOLEAN,
    False,
    "Whether state of operators that the program no longer has is left behind. Otherwise it is an "
    "error.",
    deprecated_keys=("execution.savepoint.ignore-unclaimed-state",),
)
RESTORE_MODE: ConfigOption[str] = ConfigOption(
    "execution.state-recovery.claim-mode",
    OptionType.ENUM,
    "NO_CLAIM",
    "Who owns the files the job begins with: `CLAIM` lets the job delete them when they are no "
    "longer needed, `NO_CLAIM` never touches them.",
    choices=("CLAIM", "NO_CLAIM", "LEGACY"),
    deprecated_keys=("execution.savepoint-restore-mode",),
)
LOCAL_RECOVERY: ConfigOption[bool] = ConfigOption(
    "execution.state-recovery.from-local",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether workers restart from the copy on their own disk.",
    deprecated_keys=("state.backend.local-recovery",),
    no_effect=_LOCAL,
)
WITHOUT_CHANNEL_STATE: ConfigOption[int] = ConfigOption(
    "execution.state-recovery.without-channel-state.checkpoint-id",
    OptionType.LONG,
    -1,
    "The checkpoint of which records in flight are left out at recovery.",
    deprecated_keys=("execution.checkpointing.recover-without-channel-state.checkpoint-id",),
    no_effect=_ALIGNED,
)

TABLE: tuple[ConfigOption[Any], ...] = (
    CHECKPOINTING_INTERVAL,
    CHECKPOINTING_MODE,
    CHECKPOINTING_TIMEOUT,
    MIN_PAUSE_BETWEEN_CHECKPOINTS,
    MAX_CONCURRENT_CHECKPOINTS,
    TOLERABLE_FAILURE_NUMBER,
    CHECKPOINTS_DIRECTORY,
    SAVEPOINT_DIRECTORY,
    CHECKPOINT_STORAGE,
    MAX_RETAINED_CHECKPOINTS,
    EXTERNALIZED_CHECKPOINT_RETENTION,
    SNAPSHOT_COMPRESSION,
    CHECKPOINTS_AFTER_TASKS_FINISH,
    DATA_INLINE_THRESHOLD,
    CREATE_SUBDIR,
    SAVEPOINT_PATH,
    SAVEPOINT_IGNORE_UNCLAIMED_STATE,
    RESTORE_MODE,
    CHECKPOINTING_INTERVAL_DURING_BACKLOG,
    INCREMENTAL_CHECKPOINTS,
    WRITE_BUFFER_SIZE,
    CLEANER_PARALLEL_MODE,
    ENABLE_UNALIGNED,
    FORCE_UNALIGNED,
    ALIGNED_CHECKPOINT_TIMEOUT,
    UNALIGNED_MAX_SUBTASKS_PER_FILE,
    INTERRUPTIBLE_TIMERS,
    CHECKPOINTING_DURING_RECOVERY,
    LOCAL_BACKUP,
    LOCAL_BACKUP_DIRECTORIES,
    FILE_MERGING,
    LOCAL_RECOVERY,
    WITHOUT_CHANNEL_STATE,
)
