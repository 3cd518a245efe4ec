"""Code and files that a program brings along.

Workers run on this machine, in this Python, and see what the program sees; most of what PyFlink
ships to its workers is there already.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from flott.common.config_options import ConfigOption
from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.options import pipeline
from flott.datastream.environment.base_environment import BaseEnvironment

__all__ = ["Dependencies"]


class Dependencies(BaseEnvironment):
    """The part of the environment that speaks of dependencies."""

    def add_python_file(self, file_path: str) -> None:
        """Make a module, package or archive importable in functions.

        Args:
            file_path: a ``.py`` file, a folder with packages or modules, or a zip archive.

        Raises:
            ProgramError: if there is no such file.
        """
        path = os.path.abspath(file_path)
        if not os.path.exists(path):
            raise ProgramError(f"add_python_file: there is no file {path}")
        self._append("python.files", file_path, ",")
        importable = os.path.dirname(path) if path.endswith(".py") else path
        if importable not in sys.path:
            sys.path.append(importable)

    def set_python_requirements(
        self, requirements_file_path: str, requirements_cache_dir: str | None = None
    ) -> None:
        """Accepted without effect: functions run in the Python that runs the program.

        Args:
            requirements_file_path: a file of requirements; install them beforehand.
            requirements_cache_dir: a folder of downloaded packages.
        """
        parts = [requirements_file_path]
        if requirements_cache_dir is not None:
            parts.append(requirements_cache_dir)
        self._configuration.set_string("python.requirements", "#".join(parts))

    def add_python_archive(self, archive_path: str, target_dir: str | None = None) -> NoReturn:
        """Not available yet.

        Raises:
            UnsupportedFeature: always.
        """
        raise UnsupportedFeature(
            "add_python_archive",
            reason="Workers see the files of this machine.",
            successor="the path of the unpacked files",
        )

    def set_python_executable(self, python_exec: str) -> None:
        """Accepted without effect: functions run in the Python that runs the program."""
        self._configuration.set_string("python.executable", python_exec)

    def add_jars(self, *jars_path: str) -> None:
        """Accepted without effect, so that PyFlink programs run: there is no Java here."""
        self._append_list(pipeline.JARS, jars_path)

    def add_classpaths(self, *classpaths: str) -> None:
        """Accepted without effect, so that PyFlink programs run: there is no Java here."""
        self._append_list(pipeline.CLASSPATHS, classpaths)

    def register_cached_file(self, file_path: str, name: str, executable: bool = False) -> None:
        """Name a file for the workers; they see the files of this machine.

        Raises:
            ProgramError: if the file does not exist.
        """
        if "://" not in file_path and not os.path.exists(file_path):
            raise ProgramError(f"register_cached_file: there is no file {file_path}")
        entry = f"name:{name},path:{file_path},executable:{str(executable).lower()}"
        self._append(pipeline.CACHED_FILES.key, entry, ";")

    def _append(self, key: str, entry: str, separator: str) -> None:
        before = self._configuration.get_string(key, "")
        self._configuration.set_string(key, f"{before}{separator}{entry}" if before else entry)

    def _append_list(self, option: ConfigOption[Any], entries: tuple[str, ...]) -> None:
        self._configuration.set(option, [*(self._configuration.get(option) or ()), *entries])
