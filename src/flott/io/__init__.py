"""The real world, and only here: clocks, threads, sockets, checkpoint storage.

Everything else in the engine is handed these through the contracts of ``flott.core``.
"""
