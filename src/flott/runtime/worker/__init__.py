"""A worker: all tasks of one process, driven by messages and turns."""
