"""``FunctionEntry``: what the library knows of one function, and what a call tells an entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flott.common.logical_types import DataType
from flott.sql.expressions import Expression, Literal

if TYPE_CHECKING:
    import polars as pl

    from flott.sql.functions.calls.site import Site

#: What ``Arguments.constant`` gives for an argument that is not a constant.
NOT_CONSTANT: Final = object()


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call before its types are known.

    Attributes:
        name: The function.
        args: Its operands, as bound.
        settings: The call's keywords.
    """

    name: str
    args: tuple[Expression, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def types(self) -> tuple[DataType, ...]:
        """The types of the operands."""
        return tuple(each.data_type for each in self.args)

    def constant(self, index: int) -> Any:
        """The value of the operand at ``index``; ``NOT_CONSTANT`` if it varies."""
        arg = self.args[index]
        return arg.value if isinstance(arg, Literal) else NOT_CONSTANT

    def any_nullable(self) -> bool:
        """Whether an operand may be NULL."""
        return any(each.nullable for each in self.types)

    def __len__(self) -> int:
        return len(self.args)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What inference found.

    Attributes:
        data_type: The type of the result.
        arg_types: The types the operands are cast to.
        is_lenient: Whether what cannot be cast becomes NULL, as by TRY_CAST.
    """

    data_type: DataType
    arg_types: tuple[DataType, ...]
    is_lenient: bool = False


#: Finds the types of a call; ``None`` if the operands do not fit.
Inference = Callable[[Arguments], "Resolution | None"]


@dataclass(frozen=True, slots=True)
class FunctionEntry:
    """One function.

    Attributes:
        name: Canonical name, upper case, or the sign of an operator.
        infer: Finds the types of a call.
        evaluate: Makes the Polars expression of a call.
        doc: One line on what it gives.
        takes: What operands it takes, for messages.
        examples: (SQL expression, expected value) pairs; they are tests.
        aliases: Other names.
        is_deterministic: Whether equal operands give equal values, always.
        is_folded: Whether a call of constants is computed while planning; not where its place in
            another call has a meaning.
    """

    name: str
    infer: Inference
    evaluate: Callable[[Site], pl.Expr]
    doc: str
    takes: str = ""
    examples: Sequence[tuple[str, Any]] = ()
    aliases: tuple[str, ...] = ()
    is_deterministic: bool = True
    is_folded: bool = True
