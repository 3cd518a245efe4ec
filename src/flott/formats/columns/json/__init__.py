"""JSON: one object for each row, in lines or messages."""
