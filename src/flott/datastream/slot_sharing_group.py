"""``SlotSharingGroup``: operations that may share a place to run, and what they need there.

Groups are accepted and shown in plans. Where operators run is decided by the deployment, so the
resources are a wish.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flott.common.memory_size import MemorySize

__all__ = ["MemorySize", "SlotSharingGroup"]


@dataclass(frozen=True)
class SlotSharingGroup:
    """A named group. Equal if name and resources are.

    >>> group = SlotSharingGroup.builder("heavy").set_cpu_cores(2.0).build()
    >>> group.get_name(), group.get_cpu_cores()
    ('heavy', 2.0)
    """

    name: str
    cpu_cores: float | None = None
    task_heap_memory: MemorySize | None = None
    task_off_heap_memory: MemorySize | None = None
    managed_memory: MemorySize | None = None
    external_resources: dict[str, float] = field(default_factory=dict, hash=False)

    def get_name(self) -> str:
        """Return the name."""
        return self.name

    def get_managed_memory(self) -> MemorySize | None:
        """Return the memory wished for state; None if none was named."""
        return self.managed_memory

    def get_task_heap_memory(self) -> MemorySize | None:
        """Return the memory wished for objects; None if none was named."""
        return self.task_heap_memory

    def get_task_off_heap_memory(self) -> MemorySize | None:
        """Return the memory wished outside the heap; None if none was named."""
        return self.task_off_heap_memory

    def get_cpu_cores(self) -> float | None:
        """Return the cores wished for; None if none were named."""
        return self.cpu_cores

    def get_external_resources(self) -> dict[str, float]:
        """Return further resources by name, for example ``gpu``."""
        return dict(self.external_resources)

    @staticmethod
    def builder(name: str) -> SlotSharingGroup.Builder:
        """Begin a group of this name."""
        return SlotSharingGroup.Builder(name)

    class Builder:
        """Makes a group step by step."""

        def __init__(self, name: str) -> None:
            if not isinstance(name, str) or not name:
                raise ValueError(f"A slot sharing group needs a name, found {name!r}")
            self._name = name
            self._cpu_cores: float | None = None
            self._memory: dict[str, MemorySize] = {}
            self._external: dict[str, float] = {}

        def set_cpu_cores(self, cpu_cores: float) -> SlotSharingGroup.Builder:
            """Wish for this many cores."""
            if cpu_cores <= 0:
                raise ValueError(f"The number of cores must be positive, found {cpu_cores}")
            self._cpu_cores = float(cpu_cores)
            return self

        def set_task_heap_memory(self, task_heap_memory: MemorySize) -> SlotSharingGroup.Builder:
            """Wish for this much memory for objects."""
            self._memory["task_heap_memory"] = task_heap_memory
            return self

        def set_task_heap_memory_mb(self, task_heap_memory_mb: int) -> SlotSharingGroup.Builder:
            """The same in mebibytes."""
            return self.set_task_heap_memory(MemorySize.of_mebi_bytes(task_heap_memory_mb))

        def set_task_off_heap_memory(
            self, task_off_heap_memory: MemorySize
        ) -> SlotSharingGroup.Builder:
            """Wish for this much memory outside the heap."""
            self._memory["task_off_heap_memory"] = task_off_heap_memory
            return self

        def set_task_off_heap_memory_mb(
            self, task_off_heap_memory_mb: int
        ) -> SlotSharingGroup.Builder:
            """The same in mebibytes."""
            return self.set_task_off_heap_memory(MemorySize.of_mebi_bytes(task_off_heap_memory_mb))

        def set_managed_memory(self, managed_memory: MemorySize) -> SlotSharingGroup.Builder:
            """Wish for this much memory for state."""
            self._memory["managed_memory"] = managed_memory
            return self

        def set_managed_memory_mb(self, managed_memory_mb: int) -> SlotSharingGroup.Builder:
            """The same in mebibytes."""
            return self.set_managed_memory(MemorySize.of_mebi_bytes(managed_memory_mb))

        def set_external_resource(self, name: str, value: float) -> SlotSharingGroup.Builder:
            """Wish for an amount of another resource."""
            self._external[name] = float(value)
            return self

        def build(self) -> SlotSharingGroup:
            """Finish the group."""
            return SlotSharingGroup(
                self._name,
                self._cpu_cores,
                external_resources=dict(self._external),
                **self._memory,
            )
