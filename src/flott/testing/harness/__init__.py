"""Harnesses: one function, one operator or a whole job, with time moved by hand.

The worker, the tasks and the coordinator are the real ones; clock, storage and blocking calls are
handed in, so nothing here waits for anything and every run is the same.
"""
