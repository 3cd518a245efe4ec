"""What a Kafka client must offer, its properties, and its errors in plain words."""
