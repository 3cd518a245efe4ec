"""Kafka as source: discovery of partitions at the coordinator, readers in the subtasks."""
