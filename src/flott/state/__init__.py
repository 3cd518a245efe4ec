"""Where operators keep state: keyed stores, timers, operator stores, and their snapshots as bytes.

``memory_store`` is the backend ``hashmap``: dicts of live objects, with a record of what changed
since the last snapshot. ``part_format`` is how snapshots look in bytes, ``compaction`` makes one
snapshot of a chain, ``backends`` finds a backend by name.
"""
