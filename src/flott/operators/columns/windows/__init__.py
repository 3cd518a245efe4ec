"""Windows of SQL: assigning rows to them, aggregating by slices or sessions, Top-N of a window."""
