"""The runtime: tasks that process, workers that run tasks, a coordinator that runs the job.

All of it is sans-IO: plain objects driven by messages and turns, with clock, transport, storage
and blocking calls handed in. Production loops and the simulator drive the very same code. The
runtime drives operators it has never heard of: they arrive inside the job plan.
"""
