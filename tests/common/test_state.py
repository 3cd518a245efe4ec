"""What the state interfaces do by themselves: the short forms of access."""

from collections.abc import Iterable
from typing import Any

import pytest

from flott.common import state
from flott.common.state import BroadcastState, ListState, MapState


class DictMap(MapState[Any, Any], BroadcastState[Any, Any]):
    """A map that lives in a dict, to try the interface."""

    def __init__(self) -> None:
        self._entries: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        return self._entries.get(key)

    def put(self, key: Any, value: Any) -> None:
        self._entries[key] = value

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        self._entries.update(dict_value)

    def remove(self, key: Any) -> None:
        self._entries.pop(key, None)

    def contains(self, key: Any) -> bool:
        return key in self._entries

    def items(self) -> Iterable[tuple[Any, Any]]:
        return self._entries.items()

    def keys(self) -> Iterable[Any]:
        return self._entries.keys()

    def values(self) -> Iterable[Any]:
        return self._entries.values()

    def is_empty(self) -> bool:
        return not self._entries

    def clear(self) -> None:
        self._entries.clear()


class PlainList(ListState[Any]):
    def __init__(self) -> None:
        self._elements: list[Any] = []

    def get(self) -> Iterable[Any]:
        return self._elements

    def add(self, value: Any) -> None:
        self._elements.append(value)

    def update(self, values: Iterable[Any]) -> None:
        self._elements = list(values)

    def add_all(self, values: Iterable[Any]) -> None:
        self._elements.extend(values)

    def clear(self) -> None:
        self._elements = []


@pytest.mark.parametrize("kind", [MapState, BroadcastState])
def test_maps_have_the_short_forms_of_a_dict(kind: Any) -> None:
    entries = DictMap()
    kind.__setitem__(entries, "a", 1)
    assert kind.__getitem__(entries, "a") == 1
    assert kind.__contains__(entries, "a")
    assert list(kind.__iter__(entries)) == ["a"]
    kind.__delitem__(entries, "a")
    assert not kind.__contains__(entries, "a")


def test_lists_are_iterable() -> None:
    elements = PlainList()
    elements.add(1)
    elements.add_all([2, 3])
    assert list(elements) == [1, 2, 3]


@pytest.mark.parametrize(
    "name", [name for name in state.__all__ if name.endswith(("State", "Store"))]
)
def test_interfaces_cannot_be_used_by_themselves(name: str) -> None:
    with pytest.raises(TypeError, match="abstract"):
        getattr(state, name)()
