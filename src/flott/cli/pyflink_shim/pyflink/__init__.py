"""Stands where PyFlink would: ``import pyflink.x`` gives ``flott.x``.

On the path only under ``flott run --pyflink``, and there in the workers too.
"""

from flott.cli.pyflink_imports import become_pyflink

become_pyflink(__name__)
