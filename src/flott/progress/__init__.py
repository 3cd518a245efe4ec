"""How far a stream has come: watermarks, idleness, barriers and the end of input, as pure logic.

``watermark_merge`` combines the watermarks of many channels, ``barrier_alignment`` waits until a
checkpoint's barrier has come on all of them, ``source_alignment`` keeps sources from running away
from each other, ``output_watch`` says in one line why nothing comes out. Nothing here knows a
clock, a channel or a record; events go in as numbers, decisions come out as values.
"""

from flott.progress.barrier_alignment import BarrierAlignment
from flott.progress.watermark_merge import Progress, WatermarkMerge

__all__ = ["BarrierAlignment", "Progress", "WatermarkMerge"]
