"""What ``DataStream.cache()`` needs: files that keep the records between two jobs."""
