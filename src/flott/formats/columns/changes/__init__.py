"""Formats of change data capture: Debezium, Canal, Maxwell and OGG."""
