"""One cached stream: its place in the program and, once a job has filled them, its files."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from flott.datastream.caching.cache_files import CacheSink, CacheSource
from flott.datastream.caching.used_caches import UsedCaches
from flott.operators.sink import SinkSpec
from flott.operators.source import SourceSpec
from flott.plan.stream_plan import StreamEdge, StreamNode
from flott.plan.topology import derive_topology

__all__ = ["StreamCache", "use_caches"]


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
        self.invalidate()
        folder = tempfile.mkdtemp(prefix="flott-cache-")
        self._remove = weakref.finalize(self, shutil.rmtree, folder, True)
        return folder

    def complete(self, folder: str) -> None:
        """A job has filled the folder: later jobs may read it."""
        self.folder = folder


def use_caches(caches: Sequence[StreamCache], nodes: Sequence[StreamNode]) -> UsedCaches:
    """Let a job read from caches in place of computing again, and fill those that are empty.

    Args:
        caches: all caches of the program.
        nodes: what is to run; what is upstream of it is added.
    """
    by_node = {cache.node: cache for cache in caches}
    topology = derive_topology(nodes)
    copies: dict[StreamNode, StreamNode] = {}
    empty: list[StreamCache] = []
    for node in topology:
        cache = by_node.get(node)
        if cache is not None and cache.folder is not None:
            source = SourceSpec(CacheSource(cache.folder), None)
            copies[node] = replace(node, inputs=[], spec=source)
            continue
        inputs = [replace(edge, source=copies[edge.source]) for edge in node.inputs]
        copies[node] = replace(node, inputs=inputs)
        if cache is not None:
            empty.append(cache)
    roots = [copies[node] for node in nodes if node in copies]
    completions = []
    for number, cache in enumerate(empty, 1 + max(node.node_id for node in topology)):
        folder = cache.new_folder()
        roots.append(_sink_of(copies[cache.node], folder, number))
        completions.append(partial(cache.complete, folder))
    return UsedCaches(roots, completions)


def _sink_of(node: StreamNode, folder: str, number: int) -> StreamNode:
    return StreamNode(
        number,
        SinkSpec(CacheSink(folder)),
        f"{node.name} Writer",
        inputs=[StreamEdge(node)],
        parallelism=node.parallelism,
        location=node.location,
    )
