"""The coordinator: a job's life, its checkpoints, restarts and sources, as plain objects."""
