"""Records of Kafka to batches and back: objects or columns."""
