"""Kafka as source and sink, for objects and for columns."""
