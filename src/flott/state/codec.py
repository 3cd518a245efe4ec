"""Objects to bytes and back: pickle protocol 5, with classes by name.

Writing goes through the C pickler with a dispatch table that is filled as classes are met: it notes
the fields of dataclasses and finds another way for classes that cannot be imported. Only where that
fails, for functions and classes as values, cloudpickle takes over.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import methodcaller
from typing import Any, Final

import cloudpickle

from flott.common.errors import RestoreError
from flott.state.class_evolution import carrier, evolvable_fields
from flott.state.class_lookup import find_living_class, is_importable

CODEC_NAME: Final = "pickle5"
_PROTOCOL: Final = 5
#: Smaller buffers are copied rather than looked after.
_APART_BYTES_MIN: Final = 65_536
_reduce_usual: Final = methodcaller("__reduce_ex__", _PROTOCOL)


class Encoder:
    """Pickles values, and knows afterwards which dataclasses were among them.

    Attributes:
        classes: ``module:name`` of every dataclass met, with its field names.
    """

    def __init__(self) -> None:
        self.classes: dict[str, list[str]] = {}
        self._reducers = _Reducers(self.classes)
        self._needs_cloudpickle = False

    def dumps(self, value: Any, buffers: list[memoryview] | None = None) -> bytes:
        """``value`` as bytes.

        Args:
            value: The value.
            buffers: Takes large buffers of the value that nobody can write to, without a copy. The
                others, and without this all of them, are among the bytes.

        Raises:
            Exception: What pickle raises for objects that cannot be pickled.
        """
        if not self._needs_cloudpickle:
            try:
                return self._dumps(pickle.Pickler, value, buffers)
            except (pickle.PicklingError, AttributeError, TypeError):
                # A function or a class as a value, most likely; if not, it fails again below.
                if buffers is not None:
                    buffers.clear()
        encoded = self._dumps(_CloudPickler, value, buffers)
        self._needs_cloudpickle = True
        return encoded

    def _dumps(
        self,
        pickler_class: type[pickle.Pickler],
        value: Any,
        buffers: list[memoryview] | None,
    ) -> bytes:
        buffer = io.BytesIO()
        take = None if buffers is None else partial(_is_copied, buffers)
        pickler = pickler_class(buffer, _PROTOCOL, buffer_callback=take)
        pickler.dispatch_table = (
            self._reducers
            if pickler_class is pickle.Pickler
            else ChainMap(cloudpickle.Pickler.dispatch_table, self._reducers)
        )
        pickler.dump(value)
        return buffer.getvalue()


def _is_copied(buffers: list[memoryview], buffer: pickle.PickleBuffer) -> bool:
    """Whether a buffer goes among the bytes; it is put into ``buffers`` if not."""
    with memoryview(buffer) as view:
        if not view.readonly or not view.contiguous or view.nbytes < _APART_BYTES_MIN:
            return True
    buffers.append(buffer.raw())
    return False


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How to take apart objects of a class; filled at first sight of each class."""

    def __init__(self, classes: dict[str, list[str]]) -> None:
        super().__init__(copyreg.dispatch_table)
        self._classes = classes

    def __missing__(self, cls: type) -> Callable[[Any], Any]:
        fields = evolvable_fields(cls)
        if fields is not None:
            self._classes[f"{cls.__module__}:{cls.__qualname__}"] = fields
        reducer = _reduce_usual if is_importable(cls) else _reduce_by_name
        self[cls] = reducer
        return reducer


def _reduce_by_name(value: Any) -> Any:
    """As usual, except that the class is written as its name."""
    reduced = value.__reduce_ex__(_PROTOCOL)
    if not isinstance(reduced, tuple):
        return reduced
    function, args, *rest = reduced
    cls = type(value)
    if function is copyreg.__newobj__ and args[0] is cls:  # type: ignore[attr-defined]
        return (new_by_name, (cls.__module__, cls.__qualname__, *args[1:]), *rest)
    if function is cls:
        return (call_by_name, (cls.__module__, cls.__qualname__, *args), *rest)
    return reduced


def new_by_name(module: str, qualname: str, *args: Any) -> Any:
    """Make an empty object of a class; in bytes only, `Decoder` puts its own in this place."""
    raise AssertionError("only a decoder can read what an encoder has written")


def call_by_name(module: str, qualname: str, *args: Any) -> Any:
    """Call a class; in bytes only, `Decoder` puts its own in this place."""
    raise AssertionError("only a decoder can read what an encoder has written")


def class_by_name(module: str, qualname: str) -> type:
    """Stands for a class; in bytes only, `Decoder` puts its own in this place."""
    raise AssertionError("only a decoder can read what an encoder has written")


class _CloudPickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Functions by value, classes by name."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type) and obj.__module__ != "builtins":
            if is_importable(obj):
                return NotImplemented
            return class_by_name, (obj.__module__, obj.__qualname__)
        return super().reducer_override(obj)


class Decoder:
    """Unpickles what an `Encoder` wrote.

    Args:
        classes: The encoder's ``classes``.
        place: What is being read, for error messages, e.g. ``state 'counts' of operator Map``.
    """

    def __init__(self, classes: Mapping[str, list[str]], place: str) -> None:
        self._classes = classes
        self._found: dict[tuple[str, str], Any] = {
            (__name__, "new_by_name"): self._new_by_name,
            (__name__, "call_by_name"): self._call_by_name,
            (__name__, "class_by_name"): self.find,
        }
        self.place = place

    def loads(self, data: bytes | memoryview, buffers: Iterable[memoryview] | None = None) -> Any:
        """The value that ``data`` stands for.

        Args:
            data: What ``dumps`` gave.
            buffers: What it put into ``buffers``.

        Raises:
            RestoreError: A class is missing, or new fields of one have no default.
        """
        return _Unpickler(io.BytesIO(data), self, buffers).load()

    def find(self, module: str, name: str) -> Any:
        """The class or function of this name, behind a carrier if its fields have changed."""
        found = self._found.get((module, name))
        if found is None:
            found = self._evolved(self._find_plain(module, name), f"{module}:{name}")
            self._found[module, name] = found
        return found

    def _find_plain(self, module: str, name: str) -> Any:
        try:
            found: Any = __import__(module, fromlist=["_"])
            for step in name.split("."):
                found = getattr(found, step)
        except (ImportError, AttributeError) as error:
            living = find_living_class(module, name)
            if living is None:
                raise RestoreError(
                    f"The checkpoint holds objects of {module}.{name} in {self.place}, and this "
                    f"program has no such class or function ({error}). Put it back where it was, "
                    "or start without this state."
                ) from error
            return living
        return found

    def _evolved(self, found: Any, full_name: str) -> Any:
        written = self._classes.get(full_name)
        if written is None or not isinstance(found, type):
            return found
        now = evolvable_fields(found)
        return found if now is None or now == written else carrier(found, written)

    def _new_by_name(self, module: str, qualname: str, *args: Any) -> Any:
        cls = self.find(module, qualname)
        return cls.__new__(cls, *args)

    def _call_by_name(self, module: str, qualname: str, *args: Any) -> Any:
        return self.find(module, qualname)(*args)


class _Unpickler(pickle.Unpickler):
    def __init__(
        self, file: io.BytesIO, decoder: Decoder, buffers: Iterable[memoryview] | None
    ) -> None:
        super().__init__(file, buffers=buffers)
        self._decoder = decoder

    def find_class(self, module: str, name: str) -> Any:
        return self._decoder.find(module, name)
