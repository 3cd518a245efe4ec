"""The dataflow graph as data, from what the program says to what is deployed.

``stream_plan`` is the graph as the program builds it, ``job_plan`` the frozen graph of chains and
channels that is deployed, ``chaining``, ``operator_ids`` and ``validation`` the way between them,
``explain`` the words and pictures.
"""
