"""The contracts between the engine's parts, and the values that flow through it.

Nothing here does work: a module holds either frozen values (batches, watermarks, barriers,
handles) or abstract classes whose implementations live in other packages and meet only in
``flott.deploy``. ``core`` imports ``flott.common`` and nothing else of ours.
"""
