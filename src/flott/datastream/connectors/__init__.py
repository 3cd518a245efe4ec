"""Sources and sinks for DataStream programs, under PyFlink's module paths."""

from flott.datastream.connectors.base import DeliveryGuarantee, Sink, Source

__all__ = ["DeliveryGuarantee", "Sink", "Source"]
