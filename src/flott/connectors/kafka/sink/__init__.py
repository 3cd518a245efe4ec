"""Kafka as sink: plain writers, and transactions whose records are kept in checkpoints."""
