"""Joins of column batches: regular, by interval, against versions, by look-up, by window."""
