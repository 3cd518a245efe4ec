"""Where workers live: the composition root, the loops, and the client that starts jobs.

``submit``, ``run`` and ``collect`` start a job plan on the target that ``execution.target`` names:
``embedded`` runs coordinator and tasks in one loop of the calling process, ``processes`` starts
one worker process for each unit of parallelism.
"""

from flott.deploy.client import collect, run, submit

__all__ = ["collect", "run", "submit"]
