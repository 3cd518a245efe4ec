"""The physical plan of SQL: operators, what is known of their output, and the way to a job.

``traits`` is what is inferred, ``node`` the plan's values, ``planner`` and ``translators`` the way
from logical nodes, ``changelogs`` and ``exchanges`` what is put in between, ``stream`` the way to
the stream plan.
"""

from flott.sql.physical.plans import plan_collect, plan_statements

__all__ = ["plan_collect", "plan_statements"]
