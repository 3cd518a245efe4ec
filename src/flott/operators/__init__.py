"""The work between channels: specs for the plan, and the operators that subtasks run.

``rows`` holds the operators around user functions, ``window`` what assigns, fires and merges
windows, ``source`` and ``sink`` the two ends of a job. Operators keep state in stores and learn
time from contexts that they know as contracts in ``flott.core`` only.
"""
