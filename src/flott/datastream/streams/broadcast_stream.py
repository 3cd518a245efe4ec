"""``BroadcastStream``: a stream whose records every subtask receives, and the maps they fill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flott.common.errors import ProgramError
from flott.common.state import MapStateDescriptor

if TYPE_CHECKING:
    from flott.datastream.streams.data_stream import DataStream

__all__ = ["BroadcastStream"]


class BroadcastStream:
    """Made by ``stream.broadcast(descriptor, ...)``, used by ``other.connect(...)``.

    Raises:
        TypeError: if a descriptor is not a MapStateDescriptor.
        ProgramError: if two have the same name.
    """

    def __init__(
        self,
        input_stream: DataStream,
        broadcast_state_descriptors: Sequence[MapStateDescriptor],
    ) -> None:
        for descriptor in broadcast_state_descriptors:
            if not isinstance(descriptor, MapStateDescriptor):
                raise TypeError(
                    f"broadcast: expected a MapStateDescriptor for each map, found {descriptor!r}"
                )
        names = [descriptor.name for descriptor in broadcast_state_descriptors]
        if len(set(names)) < len(names):
            raise ProgramError(f"broadcast: two of the maps have the same name: {names}")
        self.input_stream = input_stream
        self.broadcast_state_descriptors = list(broadcast_state_descriptors)
