"""Clients of real brokers, on librdkafka."""
