"""Methods of PyFlink's ``TableEnvironment`` that are not there: each says so, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from flott.common.errors import UnsupportedFeature

#: Why tables and streams do not meet.
NO_BRIDGE = "The bridge between tables and streams is for later."
_JVM = "There is no JVM here."
_REASONS: dict[str, str] = {
    "add_python_archive": "Have the modules on the path of the program.",
    "add_python_file": "Have the modules on the path of the program.",
    "compile_plan_sql": "Operator ids come from the meaning of statements.",
    "create_java_function": _JVM,
    "create_java_temporary_function": _JVM,
    "create_java_temporary_system_function": _JVM,
    "create_model": "Models are for later.",
    "create_temporary_model": "Models are for later.",
    "drop_model": "Models are for later.",
    "drop_temporary_model": "Models are for later.",
    "execute_plan": "Run the statement itself.",
    "from_changelog_stream": NO_BRIDGE,
    "from_data_stream": NO_BRIDGE,
    "get_catalog": "Catalogs are used by SQL.",
    "list_full_modules": "SHOW FULL MODULES shows them.",
    "load_module": "There is one module, core.",
    "load_plan": "Run the statement itself.",
    "register_catalog": "CREATE CATALOG makes catalogs in memory.",
    "set_python_requirements": "Workers use the environment of the program.",
    "to_append_stream": NO_BRIDGE,
    "to_changelog_stream": NO_BRIDGE,
    "to_data_stream": NO_BRIDGE,
    "to_retract_stream": NO_BRIDGE,
    "unload_module": "There is one module, core.",
}


class Later:
    """Refuses by name."""


def _refusal(name: str, reason: str) -> Callable[..., NoReturn]:
    def refuse(self: Later, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnsupportedFeature(f"TableEnvironment.{name}", reason=reason)

    refuse.__name__ = name
    refuse.__qualname__ = f"TableEnvironment.{name}"
    refuse.__doc__ = f"Not there. {reason}\n\n    Raises:\n        UnsupportedFeature: Always."
    return refuse


for _name, _reason in _REASONS.items():
    setattr(Later, _name, _refusal(_name, _reason))
