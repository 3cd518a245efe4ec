"""Sources and sinks: how records come in from the outside world and how they leave.

One module or folder per outside system, source and sink together. A connector implements the
contracts of ``flott.core.source`` and ``flott.core.sink`` and knows nothing of the runtime.
"""
