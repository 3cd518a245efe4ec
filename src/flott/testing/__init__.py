"""Tools for testing jobs: harnesses for users' code, and the simulator for the engine's own."""
