"""Windows, window joins and coGroup of user functions, one operator for each kind of window."""
