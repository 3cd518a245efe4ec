"""The settings of one operation: name, uid, parallelism, chaining. Shared by streams and sinks."""

from __future__ import annotations

from typing import Self

from flott.common.errors import ProgramError
from flott.datastream.slot_sharing_group import SlotSharingGroup
from flott.datastream.streams.checks import check_parallelism
from flott.plan.stream_plan import ChainingStrategy, StreamNode

__all__ = ["OperatorSettings"]


class OperatorSettings:
    """What can be set on the operation that a stream or sink stands for."""

    def _own_node(self, setting: str) -> StreamNode:
        """Return the operation to change; raises ProgramError where the stream has none."""
        raise NotImplementedError

    def name(self, name: str) -> Self:
        """Name the operation, for plans, metrics, logs and errors."""
        self._own_node("name").name = _text(name, "name")
        return self

    def uid(self, uid: str) -> Self:
        """Set an id for the operation that stays the same when the program changes.

        State in a savepoint is found by it. Unique within a job.
        """
        self._own_node("uid").uid = _text(uid, "uid")
        return self

    def set_uid_hash(self, uid_hash: str) -> Self:
        """Set the operation id as it is, as a savepoint lists it, instead of a uid.

        Args:
            uid_hash: 32 hexadecimal digits.

        Raises:
            ProgramError: if it is something else.
        """
        digits = _text(uid_hash, "uid hash").lower()
        if len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
            raise ProgramError(f"A uid hash has 32 hexadecimal digits, found {uid_hash!r}")
        self._own_node("uid hash").uid_hash = digits
        return self

    def set_parallelism(self, parallelism: int) -> Self:
        """Set the number of subtasks of the operation.

        Raises:
            ProgramError: if it is less than 1, or not 1 for an operation that is never parallel.
        """
        node = self._own_node("parallelism")
        check_parallelism(parallelism, "set_parallelism")
        if node.fixed_parallelism and parallelism != node.parallelism:
            raise ProgramError(
                f"'{node.name}' always runs with parallelism {node.parallelism}; "
                f"found set_parallelism({parallelism})"
            )
        node.parallelism = parallelism
        return self

    def set_description(self, description: str) -> Self:
        """Describe the operation at more length than its name."""
        self._own_node("description").description = _text(description, "description")
        return self

    def disable_chaining(self) -> Self:
        """Let the operation run in a task of its own."""
        self._own_node("chaining").chaining = ChainingStrategy.NEVER
        return self

    def slot_sharing_group(self, slot_sharing_group: str | SlotSharingGroup) -> Self:
        """Put the operation into a slot sharing group; shown in plans."""
        node = self._own_node("slot sharing group")
        if isinstance(slot_sharing_group, SlotSharingGroup):
            slot_sharing_group = slot_sharing_group.get_name()
        node.slot_sharing_group = _text(slot_sharing_group, "slot sharing group")
        return self


def _text(given: object, what: str) -> str:
    if not isinstance(given, str) or not given:
        raise ProgramError(f"The {what} must be a string that is not empty, found {given!r}")
    return given
