"""One cached stream: its place in the program and, once a job has filled them, its files."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flott.datastream.caching.cache_files import CacheSink, CacheSource
from flott.operators.sink import SinkSpec
from flott.operators.source import SourceSpec
from flott.plan.stream_plan import StreamEdge, StreamNode
from flott.plan.topology import derive_topology

__all__ = ["StreamCache", "UsedCaches", "use_caches"]


class StreamCache:
    """The records of a stream, kept from one job to the next.

    Attributes:
        node: the operation whose results are kept.
        folder: where they are, once a job has written them in full; None before.
    """

    def __init__(self, node: StreamNode) -> None:
        self.node = node
        self.folder: str | None = None
        self._remove: weakref.finalize[..., StreamCache] | None = None

    def invalidate(self) -> None:
        """Forget the records; the next job computes them again."""
        self.folder = None
        if self._remove is not None:
            self._remove()

    def new_folder(self) -> str:
        """Make a folder for a job to fill; it goes away with this object at the latest."""
        folder = tempfile.mkdtemp(prefix="flott-cache-")
        self._remove = weakref.finalize(self, shutil.rmtree, folder, True)
        return folder


@dataclass(frozen=True, slots=True)
class UsedCaches:
    """A job that reads caches that are full and fills those that are not.

    Attributes:
        nodes: the operations to run.
        filled: the caches the job fills, each with its folder.
    """

    nodes: list[StreamNode]
    filled: list[tuple[StreamCache, str]]

    def complete(self) -> None:
        """The job has ended well: later jobs may read what it wrote."""
        for cache, folder in self.filled:
            cache.folder = folder


def use_caches(nodes: Sequence[StreamNode], caches: Sequence[StreamCache]) -> UsedCaches:
    """Let a job read from caches in place of computing again, and fill those that are empty.

    Args:
        nodes: what is to run; what is upstream of it is added.
        caches: all caches of the program.
    """
    by_node = {cache.node: cache for cache in caches}
    topology = derive_topology(nodes)
    if not any(node in by_node for node in topology):
        return UsedCaches(list(nodes), [])
    copies: dict[StreamNode, StreamNode] = {}
    for node in topology:
        inputs = [replace(edge, source=copies[edge.source]) for edge in node.inputs]
        cache = by_node.get(node)
        if cache is not None and cache.folder is not None:
            copies[node] = replace(
                node, inputs=[], spec=SourceSpec(CacheSource(cache.folder), None)
            )
        else:
            copies[node] = replace(node, inputs=inputs)
    roots = [copies[node] for node in nodes if node in copies]
    filled = []
    number = max(node.node_id for node in topology)
    for node in topology:
        cache = by_node.get(node)
        if cache is not None and cache.folder is None:
            folder = cache.new_folder()
            filled.append((cache, folder))
            number += 1
            roots.append(_sink_of(copies[node], folder, number))
    return UsedCaches(roots, filled)


def _sink_of(node: StreamNode, folder: str, number: int) -> StreamNode:
    return StreamNode(
        number,
        SinkSpec(CacheSink(folder)),
        f"{node.name} Writer",
        inputs=[StreamEdge(node)],
        parallelism=node.parallelism,
        location=node.location,
    )
