"""Every kind of state against plain dicts: written, snapshotted, compacted, killed, rescaled."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from flott.state.compaction import compact
from tests.state.stores import AGGREGATING, LIST, MAP, REDUCING, VALUE, Subtasks

# Few places, so that each is written, snapshotted and written again within one run.
KEYS = st.sampled_from(["a", 1, ("t", None)])
NAMESPACES = st.sampled_from([None, (0, 10)])
VALUES = st.integers(0, 99)
PARALLELISM = st.integers(1, 4)


class StoreMachine(RuleBasedStateMachine):
    """The model is one dict: (kind, namespace, key) -> plain Python value."""

    @initialize(parallelism=PARALLELISM)
    def begin(self, parallelism: int) -> None:
        self.subtasks = Subtasks(parallelism)
        self.model: dict[Any, Any] = {}
        self.at_checkpoint: dict[Any, Any] = {}
        # So much that changes are always the cheaper snapshot, in every subtask.
        for key in range(400):
            self.subtasks.store_of(key).table("table").put("ballast", key, 0)
            self.model["table", "ballast", key] = 0
        self.checkpoint()

    # -- what a program does

    @rule(key=KEYS, namespace=NAMESPACES, value=VALUES)
    def update_value(self, key: Any, namespace: Any, value: int) -> None:
        self.subtasks.store_of(key).state(VALUE, namespace).update(value)
        self.model["value", namespace, key] = value

    @rule(key=KEYS, namespace=NAMESPACES, values=st.lists(VALUES, max_size=3))
    def append_to_list(self, key: Any, namespace: Any, values: list[int]) -> None:
        state = self.subtasks.store_of(key).state(LIST, namespace)
        if len(values) == 1:
            state.add(values[0])
        else:
            state.add_all(values)
        if values:
            self.model.setdefault(("list", namespace, key), []).extend(values)

    @rule(key=KEYS, namespace=NAMESPACES, values=st.lists(VALUES, max_size=2))
    def replace_list(self, key: Any, namespace: Any, values: list[int]) -> None:
        self.subtasks.store_of(key).state(LIST, namespace).update(values)
        self.model["list", namespace, key] = list(values)
        if not values:
            del self.model["list", namespace, key]

    @rule(key=KEYS, namespace=NAMESPACES, map_key=st.integers(0, 3), value=VALUES)
    def put_into_map(self, key: Any, namespace: Any, map_key: int, value: int) -> None:
        self.subtasks.store_of(key).state(MAP, namespace).put(map_key, value)
        self.model.setdefault(("map", namespace, key), {})[map_key] = value

    @rule(key=KEYS, namespace=NAMESPACES, map_key=st.integers(0, 3))
    def remove_from_map(self, key: Any, namespace: Any, map_key: int) -> None:
        self.subtasks.store_of(key).state(MAP, namespace).remove(map_key)
        entries = self.model.get(("map", namespace, key), {})
        entries.pop(map_key, None)
        if not entries:
            self.model.pop(("map", namespace, key), None)

    @rule(key=KEYS, namespace=NAMESPACES, value=VALUES)
    def reduce(self, key: Any, namespace: Any, value: int) -> None:
        self.subtasks.store_of(key).state(REDUCING, namespace).add(value)
        before = self.model.get(("reducing", namespace, key), 0)
        self.model["reducing", namespace, key] = before + value

    @rule(key=KEYS, namespace=NAMESPACES, value=VALUES)
    def aggregate(self, key: Any, namespace: Any, value: int) -> None:
        self.subtasks.store_of(key).state(AGGREGATING, namespace).add(value)
        total, count = self.model.get(("aggregating", namespace, key), (0, 0))
        self.model["aggregating", namespace, key] = (total + value, count + 1)

    @rule(
        key=KEYS, namespace=NAMESPACES, kind=st.sampled_from(["value", "list", "map", "reducing"])
    )
    def clear(self, key: Any, namespace: Any, kind: str) -> None:
        descriptor = {"value": VALUE, "list": LIST, "map": MAP, "reducing": REDUCING}[kind]
        self.subtasks.store_of(key).state(descriptor, namespace).clear()
        self.model.pop((kind, namespace, key), None)

    @rule(key=KEYS, namespace=NAMESPACES, value=VALUES)
    def put_into_table(self, key: Any, namespace: Any, value: int) -> None:
        self.subtasks.store_of(key).table("table").put(namespace, key, value)
        self.model["table", namespace, key] = value

    @rule(namespace=NAMESPACES)
    def drop_namespace(self, namespace: Any) -> None:
        for store in self.subtasks.stores:
            store.table("table").drop(namespace)
        for place in [p for p in self.model if p[:2] == ("table", namespace)]:
            del self.model[place]

    # -- what the engine does

    @rule()
    def checkpoint(self) -> None:
        self.subtasks.checkpoint()
        self.at_checkpoint = deepcopy(self.model)

    @rule(parallelism=PARALLELISM)
    def restart_from_savepoint(self, parallelism: int) -> None:
        self.subtasks = self.subtasks.restart(self.subtasks.savepoint(), parallelism)
        self.checkpoint()

    @rule()
    def take_savepoint_in_between(self) -> None:
        self.subtasks.savepoint()

    @rule()
    def compact_chains(self) -> None:
        for chain in self.subtasks.chains:
            if len(chain) > 1:
                chain[:] = [compact(chain)]

    @rule()
    def compact_beginnings_of_chains(self) -> None:
        for chain in self.subtasks.chains:
            if len(chain) > 2:
                chain[:2] = [compact(chain[:2])]

    @rule()
    def fail_and_recover(self) -> None:
        self.subtasks = self.subtasks.recover()
        self.model = deepcopy(self.at_checkpoint)

    @rule(parallelism=PARALLELISM)
    def fail_and_rescale(self, parallelism: int) -> None:
        self.subtasks = self.subtasks.restart(self.subtasks.parts(), parallelism)
        self.model = deepcopy(self.at_checkpoint)
        self.subtasks.checkpoint()

    # -- what must hold

    @invariant()
    def state_equals_model(self) -> None:
        seen = {}
        for store in self.subtasks.stores:
            for (is_table, name), table in store._tables.items():
                assert is_table == (name == "table")
                for namespace in table.namespaces():
                    for key, value in table.items(namespace):
                        shown = tuple(value) if name == "aggregating" else value
                        assert (name, namespace, key) not in seen
                        seen[name, namespace, key] = shown
        assert seen == self.model


StoreMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, print_blob=True
)
TestStoreAgainstDicts = StoreMachine.TestCase
