"""State backends, checkpoint storages and slot sharing groups: objects that stand for options."""

import pytest

from flott.common import Configuration
from flott.common.errors import UnsupportedFeature
from flott.datastream import (
    CustomCheckpointStorage,
    CustomStateBackend,
    EmbeddedRocksDBStateBackend,
    FileSystemCheckpointStorage,
    HashMapStateBackend,
    JobManagerCheckpointStorage,
    MemorySize,
    PredefinedOptions,
    SlotSharingGroup,
)


def test_a_backend_gives_its_option() -> None:
    assert HashMapStateBackend().to_configuration().to_dict() == {"state.backend.type": "hashmap"}
    assert str(HashMapStateBackend()) == "HashMapStateBackend"


def test_the_rocksdb_backend_keeps_its_settings() -> None:
    backend = EmbeddedRocksDBStateBackend(True)
    backend.set_db_storage_paths("/a", "/b")
    backend.set_predefined_options(PredefinedOptions.FLASH_SSD_OPTIMIZED)
    backend.set_number_of_transfer_threads(7)
    assert backend.is_incremental_checkpoints_enabled()
    assert backend.get_db_storage_paths() == ["/a", "/b"]
    assert backend.get_predefined_options() is PredefinedOptions.FLASH_SSD_OPTIMIZED
    assert (backend.get_number_of_transfer_threads(), backend.get_options()) == (7, None)


def test_the_rocksdb_backend_refuses_what_it_cannot_use() -> None:
    with pytest.raises(TypeError, match="True, False or None"):
        EmbeddedRocksDBStateBackend("yes")  # type: ignore[arg-type]
    with pytest.raises(UnsupportedFeature, match="set_predefined_options"):
        EmbeddedRocksDBStateBackend().set_options("org.example.Factory")
    with pytest.raises(ValueError, match="At least one thread"):
        EmbeddedRocksDBStateBackend().set_number_of_transfer_threads(0)


def test_a_file_storage_gives_its_options() -> None:
    storage = FileSystemCheckpointStorage("/data", 1024)
    assert (storage.get_checkpoint_path(), storage.get_savepoint_path()) == ("/data", None)
    assert storage.get_min_file_size_threshold() == 1024
    assert storage.to_configuration() == Configuration.from_dict(
        {
            "execution.checkpointing.storage": "filesystem",
            "execution.checkpointing.dir": "/data",
            "execution.checkpointing.data-inline-threshold": "1 kb",
        }
    )


def test_a_file_storage_has_defaults_and_limits() -> None:
    storage = FileSystemCheckpointStorage("/data")
    assert storage.get_min_file_size_threshold() == 20 * 1024
    assert storage.get_write_buffer_size() == 4096
    with pytest.raises(ValueError, match="must not be None"):
        FileSystemCheckpointStorage()
    with pytest.raises(ValueError, match="from 0 to 1048576 bytes"):
        FileSystemCheckpointStorage("/data", 2**21)


def test_a_memory_storage_gives_its_options() -> None:
    storage = JobManagerCheckpointStorage("/data", 1000)
    assert (storage.get_checkpoint_path(), storage.get_max_state_size()) == ("/data", 1000)
    assert JobManagerCheckpointStorage().get_max_state_size() == 5 * 2**20
    assert JobManagerCheckpointStorage().to_configuration().to_dict() == {
        "execution.checkpointing.storage": "jobmanager"
    }


@pytest.mark.parametrize("custom", [CustomCheckpointStorage, CustomStateBackend])
def test_what_is_written_in_java_is_refused(custom: type) -> None:
    with pytest.raises(UnsupportedFeature, match="the option"):
        custom(None)


def test_a_slot_sharing_group_lists_its_resources() -> None:
    group = (
        SlotSharingGroup.builder("heavy")
        .set_cpu_cores(1.5)
        .set_task_heap_memory_mb(100)
        .set_task_off_heap_memory(MemorySize(5))
        .set_managed_memory_mb(1)
        .set_external_resource("gpu", 1)
        .build()
    )
    assert (group.get_name(), group.get_cpu_cores()) == ("heavy", 1.5)
    assert group.get_task_heap_memory() == MemorySize.of_mebi_bytes(100)
    assert group.get_task_off_heap_memory() == MemorySize(5)
    assert group.get_managed_memory() == MemorySize.of_mebi_bytes(1)
    assert group.get_external_resources() == {"gpu": 1.0}
    assert SlotSharingGroup.builder("a").build() == SlotSharingGroup.builder("a").build()


def test_a_slot_sharing_group_needs_a_name_and_cores() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        SlotSharingGroup.builder("")
    with pytest.raises(ValueError, match="must be positive"):
        SlotSharingGroup.builder("a").set_cpu_cores(0)
