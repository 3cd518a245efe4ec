"""Sources and sinks for DataStream programs, under PyFlink's module paths.

The classes of single connectors are loaded when first asked for: a program pays for those it uses.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from flott.common.errors import UnsupportedFeature
from flott.datastream.connectors.base import DeliveryGuarantee, Sink, Source

__all__ = ["DeliveryGuarantee", "Sink", "Source"]

#: Names that can be imported from here too, by the module they come from.
_LAZY: Final = {
    "collection": ("CollectionSource", "DiscardingSink", "IterableSource"),
    "datagen": ("DataGeneratorSource", "RateLimiterStrategy"),
    "dynamic_kafka": ("DynamicKafkaSource", "DynamicKafkaSourceBuilder"),
    "file_system": (
        "BucketAssigner",
        "FileEnumeratorProvider",
        "FileSink",
        "FileSource",
        "FileSourceBuilder",
        "FileSplitAssignerProvider",
        "OutputFileConfig",
        "RollingPolicy",
        "StreamFormat",
        "StreamingFileSink",
    ),
    "hybrid_source": ("HybridSource",),
    "kafka": ("KafkaSink", "KafkaSinkBuilder", "KafkaSource", "KafkaSourceBuilder"),
    "number_seq": ("NumberSequenceSource",),
    "socket": ("SocketTextSource",),
}
#: What Flink removed, with what took its place.
_REMOVED: Final = {
    "FlinkKafkaConsumer": "KafkaSource",
    "FlinkKafkaProducer": "KafkaSink",
    "Semantic": "DeliveryGuarantee",
}


def __getattr__(name: str) -> Any:
    for module, names in _LAZY.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    if name in _REMOVED:
        raise UnsupportedFeature(name, successor=_REMOVED[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
