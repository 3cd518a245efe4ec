"""Where the descriptor of a message comes from: compiled already, or a ``.proto`` file.

What travels to the workers are the bytes of a ``FileDescriptorSet``; there is no generated code.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from flott.formats.extras import load_extra

_COMPILE_LIMIT_S = 60


def read_descriptors(path: str) -> bytes:
    """The descriptors in a file that ``protoc --include_imports --descriptor_set_out`` made.

    Raises:
        ValueError: It cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error}") from error


def compile_proto(path: str) -> bytes:
    """The descriptors of a ``.proto`` file and of what it imports, beside it or of Google.

    Raises:
        ValueError: It cannot be compiled, or nothing here compiles.
    """
    if not Path(path).is_file():
        raise ValueError(f"there is no file {path}")
    folder = str(Path(path).resolve().parent)
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "descriptors"
        command = [*_compiler(), f"-I{folder}", "--include_imports", f"--descriptor_set_out={out}"]
        try:
            done = subprocess.run(
                [*command, Path(path).name],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=_COMPILE_LIMIT_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ValueError(f"protoc does not work: {error}") from error
        if done.returncode:
            raise ValueError(f"protoc refuses the file: {done.stderr.strip()[:1000]}")
        return out.read_bytes()


def _compiler() -> list[str]:
    if importlib.util.find_spec("grpc_tools") is not None:
        return [sys.executable, "-m", "grpc_tools.protoc", f"-I{_own_includes()}"]
    found = shutil.which("protoc")
    if found is not None:
        return [found]
    raise ValueError(
        "there is no compiler: install 'grpcio-tools' or 'protoc', or compile it elsewhere with "
        "'protoc --include_imports --descriptor_set_out=FILE' and give option 'descriptor-file'"
    )


def _own_includes() -> Path:
    """The files of Google that come with the compiler."""
    spec = importlib.util.find_spec("grpc_tools")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "_proto"


def find_message(descriptors: bytes, name: str) -> Any:
    """The descriptor of a message.

    Args:
        descriptors: A ``FileDescriptorSet``.
        name: Its full name (``package.Outer.Message``), or that of its class in Java.

    Raises:
        ValueError: There is no such message; names the nearest.
        ConfigurationError: The library is not installed.
    """
    pb2 = load_extra("google.protobuf.descriptor_pb2", "protobuf", "The format 'protobuf'")
    pools = load_extra("google.protobuf.descriptor_pool", "protobuf", "The format 'protobuf'")
    try:
        files = pb2.FileDescriptorSet.FromString(descriptors)
    except Exception as error:
        raise ValueError(f"the descriptors cannot be read: {error}") from error
    pool = pools.DescriptorPool()
    try:
        for file in files.file:
            pool.Add(file)
        names = _message_names(files)
        if name in names.values():
            return pool.FindMessageTypeByName(name)
    except (KeyError, TypeError) as error:
        raise ValueError(f"the descriptors do not go together: {error}") from error
    full = names.get(name) or names.get(_without_outer(name))
    if full is None:
        near = get_close_matches(name.replace("$", "."), list(names.values()), 1, 0.3)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {sorted(names.values())}"
        raise ValueError(f"there is no message {name!r}; {hint}")
    return pool.FindMessageTypeByName(full)


def _message_names(files: Any) -> dict[str, str]:
    """Full names of all messages, by the names of their classes in Java, without outer classes."""
    names = {}
    for file in files.file:
        package = f"{file.package}." if file.package else ""
        java = f"{file.options.java_package or file.package}."
        for path in _paths(file.message_type, ()):
            names[(java if java != "." else "") + "$".join(path)] = package + ".".join(path)
    return names


def _paths(messages: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for message in messages:
        if not message.options.map_entry:
            yield (*above, message.name)
            yield from _paths(message.nested_type, (*above, message.name))


def _without_outer(name: str) -> str:
    """``com.acme.OrdersProto$Order`` as ``com.acme.Order``."""
    package, _, path = name.rpartition(".")
    inner = path.partition("$")[2]
    return f"{package}.{inner}" if package else inner
