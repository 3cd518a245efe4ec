"""``OutputTag``: the name of a side output."""

from __future__ import annotations

from typing import Any, NoReturn

from flott.common.composite_types import RowTypeInfo
from flott.common.state_descriptors import to_type_info

__all__ = ["OutputTag"]


class OutputTag:
    """Names and types a side output; two tags are equal if their names are.

    Args:
        tag_id: the name, not empty.
        type_info: the type of the records; a list of types means a row of them. Optional.

    Raises:
        ValueError: if the name is empty.
        TypeError: if the type is none.

    >>> OutputTag("late", int)
    OutputTag('late', Long)
    """

    __slots__ = ("tag_id", "type_info")

    def __init__(self, tag_id: str, type_info: Any = None) -> None:
        if not tag_id or not isinstance(tag_id, str):
            raise ValueError(
                f"The name of an OutputTag must be a string that is not empty, found {tag_id!r}"
            )
        self.tag_id = tag_id
        self.type_info = (
            RowTypeInfo(type_info) if isinstance(type_info, list) else to_type_info(type_info)
        )

    def get_java_output_tag(self) -> NoReturn:
        """Refuse: there is no Java object."""
        from flott.common.utils import refuse_java

        refuse_java("OutputTag.get_java_output_tag")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OutputTag) and self.tag_id == other.tag_id

    def __hash__(self) -> int:
        return hash(self.tag_id)

    def __reduce__(self) -> tuple[Any, ...]:
        return OutputTag, (self.tag_id, self.type_info)

    def __repr__(self) -> str:
        return f"OutputTag({self.tag_id!r}, {self.type_info})"
