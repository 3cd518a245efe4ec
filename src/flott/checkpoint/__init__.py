"""Checkpoints as decisions and bytes; nothing here does input or output of its own.

``manifest``, ``task_file`` and ``paths`` say how a checkpoint looks in storage. ``ledger`` is a
task's memory of what it has stored, ``pending`` and ``completed`` the coordinator's, ``trigger``
decides when the next one is due, ``restore`` and ``assign`` what a starting job does with those it
finds.
"""
