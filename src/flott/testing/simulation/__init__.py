"""Whole jobs under one seeded scheduler with virtual time: crashes, delays, torn writes.

Workers and coordinator are the real ones. Clock, network, disk and blocking calls are wicked twins
of the real things; which faults strike, when and how hard is drawn from the seed, so a seed is all
it takes to see a run again. ``python -m flott.testing.simulation --seeds 500`` runs many.
"""
