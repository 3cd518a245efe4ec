"""``CachedDataStream``: a stream whose records are kept for later jobs of the program."""

from __future__ import annotations

from functools import partial

from flott.common.errors import ProgramError
from flott.datastream.caching.stream_cache import StreamCache, use_caches
from flott.datastream.streams.base_stream import BaseStream
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.identity import identity
from flott.operators.rows.map import MapSpec
from flott.plan.stream_plan import StreamNode

__all__ = ["CachedDataStream"]


class CachedDataStream(DataStream):
    """Made by ``stream.cache()``; the first job that needs the records writes them to files."""

    def __init__(self, stream: BaseStream) -> None:
        kept = stream._transform(
            MapSpec(identity),
            "Cache",
            stream._record_type,
            parallelism=stream._outputs[0].source.parallelism,
        )
        super().__init__(stream._environment, kept._outputs, stream._record_type)
        self._cache = StreamCache(kept._outputs[0].source)
        environment = self._environment
        environment._caches.append(self._cache)
        environment._use_caches = partial(use_caches, environment._caches)

    def invalidate(self) -> None:
        """Remove the records kept; the next job that needs them computes them again."""
        self._cache.invalidate()

    def _own_node(self, setting: str) -> StreamNode:
        raise ProgramError(
            f"A cached stream has no {setting} to get or set. Do so on the stream before cache()."
        )
