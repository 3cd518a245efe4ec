"""Stable ids of operators: state is found again by them, so they must survive edits.

A ``uid`` decides alone. Without one the id is derived from what the operator *means*: its kind,
the text its spec gives as meaning, its name, and the ids of the nearest operators upstream that
are sources or keep state. Operators without state are looked through, so adding a map before a
window leaves the window's id as it is; so does adding branches elsewhere. Only operators alike in
all of this are told apart by their order in the program, which is when to set a uid.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from flott.common.errors import DuplicateUidError, ProgramError
from flott.plan.stream_plan import StreamEdge, StreamNode
from flott.plan.topology import describe_node

_ID_BYTES = 16
_READY_ID = re.compile(r"[0-9a-fA-F]{32}")

#: A source or stateful operator whose records arrive: the side outputs they passed, and its id.
_Origin = tuple[tuple[str, ...], str]


def derive_operator_ids(
    nodes: Sequence[StreamNode], auto_generate: bool = True
) -> dict[StreamNode, str]:
    """An id of 32 hexadecimal digits for each node.

    Args:
        nodes: The nodes of a job, upstream first.
        auto_generate: False to demand a uid of every node.

    Raises:
        DuplicateUidError: Two nodes have the same uid or the same ready id.
        ProgramError: A ready id is malformed, or a uid is missing where it is demanded.
    """
    _check_uids(nodes, auto_generate)
    ids: dict[StreamNode, str] = {}
    origins: dict[StreamNode, Set[_Origin]] = {}
    counts: dict[str, int] = {}
    for node in nodes:
        if node.uid_hash is not None:
            ids[node] = node.uid_hash.lower()
        elif node.uid is not None:
            ids[node] = uid_to_operator_id(node.uid)
        else:
            meaning = _meaning(node, origins)
            ordinal = counts[meaning] = counts.get(meaning, -1) + 1
            ids[node] = _digest("meaning", meaning, ordinal)
        if node.inputs and node.spec.is_stateless:
            origins[node] = {one for edge in node.inputs for one in _origins_of(edge, origins)}
        else:
            origins[node] = {((), ids[node])}
    _check_distinct(ids)
    return ids


def uid_to_operator_id(uid: str) -> str:
    """The id of an operator with this uid, in every program.

    >>> uid_to_operator_id("counter")
    '699438c8ec73b805418e5d74869ee5b7'
    """
    return _digest("uid", uid)


def _meaning(node: StreamNode, origins: Mapping[StreamNode, Set[_Origin]]) -> str:
    """Everything that makes up a derived id except the ordinal."""
    inputs = set[tuple[int, _Origin]]()
    for edge in node.inputs:
        inputs.update((edge.input_index, origin) for origin in _origins_of(edge, origins))
    return json.dumps([node.spec.kind, node.spec.meaning, node.name, sorted(inputs)])


def _origins_of(edge: StreamEdge, origins: Mapping[StreamNode, Set[_Origin]]) -> Iterator[_Origin]:
    """Where the records of an edge come from."""
    taken = () if edge.side_tag is None else (edge.side_tag,)
    for tags, operator_id in origins[edge.source]:
        yield tags + taken, operator_id


def _digest(*parts: Any) -> str:
    text = json.dumps(parts).encode()
    return hashlib.blake2b(text, digest_size=_ID_BYTES).hexdigest()


def _check_uids(nodes: Sequence[StreamNode], auto_generate: bool) -> None:
    owners: dict[str, StreamNode] = {}
    for node in nodes:
        if node.uid is not None:
            if not node.uid:
                raise ProgramError(f"The uid of {describe_node(node)} is empty. Give it a text.")
            if node.uid in owners:
                raise DuplicateUidError(node.uid, _place(owners[node.uid]), _place(node))
            owners[node.uid] = node
        if node.uid_hash is not None and not _READY_ID.fullmatch(node.uid_hash):
            raise ProgramError(
                f"The uid hash '{node.uid_hash}' of {describe_node(node)} is not an operator id. "
                "It must have 32 hexadecimal digits; for a name of your own call uid(...)."
            )
    missing = [node for node in nodes if node.uid is None and node.uid_hash is None]
    if missing and not auto_generate:
        raise ProgramError(
            "The option 'pipeline.auto-generate-uids' is false, so every operator needs a uid. "
            f"Call .uid(...) on: {', '.join(describe_node(node) for node in missing)}."
        )


def _check_distinct(ids: dict[StreamNode, str]) -> None:
    owners: dict[str, StreamNode] = {}
    for node, operator_id in ids.items():
        if operator_id in owners:
            raise DuplicateUidError(operator_id, _place(owners[operator_id]), _place(node))
        owners[operator_id] = node


def _place(node: StreamNode) -> str:
    return f"{node.name} ({node.location})" if node.location else node.name
