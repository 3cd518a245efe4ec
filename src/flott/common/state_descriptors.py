"""State descriptors: the name, kind and type by which a function asks for its state.

The name ties state to a savepoint, the type decides how values are checked and stored. A type may
be a ``Types`` value, a plain Python type such as ``int``, or left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.common.state_ttl import StateTtlConfig
from flott.common.typeinfo import TypeInformation, Types

__all__ = [
    "AggregatingStateDescriptor",
    "ListStateDescriptor",
    "MapStateDescriptor",
    "ReducingStateDescriptor",
    "StateDescriptor",
    "ValueStateDescriptor",
    "to_type_info",
]


def to_type_info(given: Any) -> TypeInformation:
    """Return the type information meant: itself, that of a Python type, or pickled for None.

    Raises:
        TypeError: if the value is not a type.

    >>> to_type_info(int), to_type_info(None)
    (Long, PickledByteArrayTypeInfo)
    """
    if given is None:
        return Types.PICKLED_BYTE_ARRAY()
    if isinstance(given, TypeInformation):
        return given
    from flott.common.type_inference import type_info_from_hint

    return type_info_from_hint(given)


class StateDescriptor:
    """Names one state of a function; two are equal if kind and name are."""

    def __init__(self, name: str, type_info: Any = None) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"State needs a name, found {name!r}")
        self.name = name
        self.type_info = to_type_info(type_info)
        self._ttl_config: StateTtlConfig | None = None

    def get_name(self) -> str:
        """Return the name of the state."""
        return self.name

    def enable_time_to_live(self, ttl_config: StateTtlConfig) -> None:
        """Let the state expire.

        Raises:
            TypeError: if the argument is not a StateTtlConfig.
        """
        if not isinstance(ttl_config, StateTtlConfig):
            raise TypeError(
                f"Expected a StateTtlConfig, found {ttl_config!r}. Finish the builder with build()."
            )
        self._ttl_config = ttl_config

    @property
    def ttl_config(self) -> StateTtlConfig | None:
        """How long the state lives; None for ever, also if the configuration is disabled."""
        config = self._ttl_config
        return config if config is not None and config.is_enabled() else None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.name == other.name

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.type_info})"


class ValueStateDescriptor(StateDescriptor):
    """Names a state that holds one value for each key.

    Args:
        name: unique within the function.
        value_type_info: the type of the value.
        default_value: what ``value()`` gives where nothing was stored; goes beyond PyFlink.

    >>> ValueStateDescriptor("count", int)
    ValueStateDescriptor('count', Long)
    """

    def __init__(
        self, name: str, value_type_info: Any = None, *, default_value: Any = None
    ) -> None:
        super().__init__(name, value_type_info)
        self.default_value = default_value


class ListStateDescriptor(StateDescriptor):
    """Names a state that holds a list for each key, or the list of an operator's subtask.

    Args:
        name: unique within the function.
        elem_type_info: the type of the elements.
    """

    def __init__(self, name: str, elem_type_info: Any = None) -> None:
        super().__init__(name, Types.LIST(to_type_info(elem_type_info)))


class MapStateDescriptor(StateDescriptor):
    """Names a state that holds a map for each key, or a broadcast state.

    Args:
        name: unique within the function.
        key_type_info: the type of the map's keys.
        value_type_info: the type of the map's values.
    """

    def __init__(self, name: str, key_type_info: Any = None, value_type_info: Any = None) -> None:
        super().__init__(
            name, Types.MAP(to_type_info(key_type_info), to_type_info(value_type_info))
        )


class ReducingStateDescriptor(StateDescriptor):
    """Names a state that folds all values of a key into one value of the same type.

    Args:
        name: unique within the function.
        reduce_function: a function of two values, or an object with such a method ``reduce``.
        type_info: the type of the values.
    """

    def __init__(self, name: str, reduce_function: Any, type_info: Any = None) -> None:
        super().__init__(name, type_info)
        if not callable(getattr(reduce_function, "reduce", None)):
            if not callable(reduce_function) or isinstance(reduce_function, type):
                raise TypeError(
                    "The reduce function must be a ReduceFunction or a function of two values, "
                    f"found {reduce_function!r}"
                )
            reduce_function = CallableReduceFunction(reduce_function)
        self._reduce_function = reduce_function

    def get_reduce_function(self) -> Any:
        """Return the object whose method ``reduce`` joins two values."""
        return self._reduce_function


class AggregatingStateDescriptor(StateDescriptor):
    """Names a state that adds the values of a key to an accumulator.

    Args:
        name: unique within the function.
        agg_function: an AggregateFunction (create_accumulator, add, get_result, merge).
        state_type_info: the type of the accumulator.
    """

    def __init__(self, name: str, agg_function: Any, state_type_info: Any = None) -> None:
        super().__init__(name, state_type_info)
        methods = ("create_accumulator", "add", "get_result", "merge")
        missing = [m for m in methods if not callable(getattr(agg_function, m, None))]
        if missing or isinstance(agg_function, type):
            raise TypeError(
                f"The aggregate function must be an AggregateFunction, found {agg_function!r}"
                + (f", which lacks {', '.join(missing)}" if missing else "; make an instance of it")
            )
        self._agg_function = agg_function

    def get_agg_function(self) -> Any:
        """Return the aggregate function."""
        return self._agg_function


class CallableReduceFunction:
    """Lets a plain function of two values stand where a ReduceFunction is expected."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self._function = function
        # Bound to the instance, so that a call costs no more than the function itself.
        self.reduce = function

    def __reduce__(self) -> tuple[Any, ...]:
        return CallableReduceFunction, (self._function,)
