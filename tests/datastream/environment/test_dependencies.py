"""Files and packages that a program brings along."""

import importlib
import sys
from pathlib import Path

import pytest

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.datastream import StreamExecutionEnvironment

Env = StreamExecutionEnvironment


@pytest.fixture(autouse=True)
def _same_path_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def option(env: Env, key: str) -> str:
    return env._configuration.to_dict()[key]


def test_a_python_file_becomes_importable(env: Env, tmp_path: Path) -> None:
    file = tmp_path / "brought_along.py"
    file.write_text("ANSWER = 42")
    env.add_python_file(str(file))
    assert importlib.import_module("brought_along").ANSWER == 42
    assert option(env, "python.files") == str(file)


def test_several_python_files_are_listed(env: Env, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        env.add_python_file(str(tmp_path / name))
    assert option(env, "python.files") == f"{tmp_path}/a,{tmp_path}/b"
    assert sys.path[-2:] == [f"{tmp_path}/a", f"{tmp_path}/b"]


def test_a_missing_python_file_is_refused(env: Env) -> None:
    with pytest.raises(ProgramError, match=r"add_python_file: there is no file /nowhere/x\.py"):
        env.add_python_file("/nowhere/x.py")


def test_requirements_and_executable_are_accepted(env: Env) -> None:
    env.set_python_requirements("requirements.txt", "cached")
    env.set_python_executable("/usr/bin/python3")
    assert option(env, "python.requirements") == "requirements.txt#cached"
    assert option(env, "python.executable") == "/usr/bin/python3"


def test_archives_are_not_available_yet(env: Env) -> None:
    with pytest.raises(UnsupportedFeature, match="path of the unpacked files"):
        env.add_python_archive("a.zip", "a")


def test_jars_are_accepted(env: Env) -> None:
    env.add_jars("file:///a.jar")
    env.add_jars("file:///b.jar", "file:///c.jar")
    env.add_classpaths("file:///d.jar")
    jars = option(env, "pipeline.jars")
    assert all(name in jars for name in ("a.jar", "b.jar", "c.jar"))
    assert "d.jar" in option(env, "pipeline.classpaths")


def test_cached_files_exist_and_are_listed(env: Env, tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"")
    env.register_cached_file(str(file), "model", executable=True)
    env.register_cached_file("s3://bucket/other", "other")
    assert option(env, "pipeline.cached-files") == (
        f"name:model,path:{file},executable:true;name:other,path:s3://bucket/other,executable:false"
    )
    with pytest.raises(ProgramError, match="there is no file"):
        env.register_cached_file(str(tmp_path / "missing"), "missing")
