"""Bitmaps of 32-bit numbers as bytes, in the portable format of 32-bit Roaring bitmaps.

A bitmap is a row of containers, one for each upper half (16 bits) of its numbers. A container
holds the lower halves sorted, or, above ``_ARRAY_LIMIT`` of them, one bit for each possible
half, or, where that is shorter, runs of ``(start, length - 1)``.
Numbers count as unsigned, so that negative ones come last.

Layout, little-endian: cookie, number of containers, (key, cardinality - 1) of each, offset of
each, containers. With runs the cookie holds the number, and a bit for each container follows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from operator import lt

_COOKIE = 12346
_COOKIE_WITH_RUNS = 12347
_ARRAY_LIMIT = 4096
_BITS_SIZE = 8192
_LONGEST_TEXT = 0x100000
#: With runs, offsets are there only for as many containers.
_OFFSETS_FROM = 4


def write(numbers: Iterable[int]) -> bytes:
    """The bitmap of ``numbers``; signed and unsigned ones of the same bits are the same.

    >>> write([1, 2, 3]).hex()
    '3a300000010000000000020010000000010002000300'
    """
    containers: dict[int, list[int]] = {}
    for number in sorted({number & 0xFFFFFFFF for number in numbers}):
        containers.setdefault(number >> 16, []).append(number & 0xFFFF)
    bodies, flags = [], 0
    for index, lows in enumerate(containers.values()):
        body, is_runs = _container(lows)
        bodies.append(body)
        flags |= is_runs << index
    count = len(bodies)
    head = struct.pack("<II", _COOKIE, count)
    if flags:
        cookie = _COOKIE_WITH_RUNS | (count - 1) << 16
        head = struct.pack("<I", cookie) + flags.to_bytes((count + 7) // 8, "little")
    sizes = b"".join(struct.pack("<HH", key, len(lows) - 1) for key, lows in containers.items())
    if flags and count < _OFFSETS_FROM:
        return b"".join([head, sizes, *bodies])
    offset = len(head) + len(sizes) + 4 * count
    offsets = []
    for body in bodies:
        offsets.append(struct.pack("<I", offset))
        offset += len(body)
    return b"".join([head, sizes, *offsets, *bodies])


def _container(lows: list[int]) -> tuple[bytes, bool]:
    """The shortest container for sorted lower halves, and whether it holds runs."""
    breaks = [i for i in range(1, len(lows)) if lows[i] != lows[i - 1] + 1]
    ends = [*breaks, len(lows)]
    plain = 2 * len(lows) if len(lows) <= _ARRAY_LIMIT else _BITS_SIZE
    if 2 + 4 * len(ends) < plain:
        pairs = [
            half
            for start, end in zip([0, *breaks], ends, strict=True)
            for half in (lows[start], end - start - 1)
        ]
        return struct.pack(f"<{len(pairs) + 1}H", len(ends), *pairs), True
    if len(lows) <= _ARRAY_LIMIT:
        return struct.pack(f"<{len(lows)}H", *lows), False
    bits = bytearray(_BITS_SIZE)
    for low in lows:
        bits[low >> 3] |= 1 << (low & 7)
    return bytes(bits), False


def read(data: bytes) -> list[int]:
    """The numbers of a bitmap, unsigned and sorted.

    Raises:
        ValueError: ``data`` is not a bitmap.
    """
    try:
        return list(_read(data))
    except (struct.error, IndexError):
        raise ValueError("the bytes end within a bitmap") from None


def _read(data: bytes) -> Iterator[int]:
    (cookie,) = struct.unpack_from("<I", data)
    runs = b""
    position = 4
    if cookie & 0xFFFF == _COOKIE_WITH_RUNS:
        count = (cookie >> 16) + 1
        runs = data[position : position + (count + 7) // 8]
        position += len(runs)
    elif cookie == _COOKIE:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    else:
        raise ValueError("the bytes do not begin as a bitmap does")
    if count > 1 << 16:
        raise ValueError("the bitmap has too many containers")
    sizes = struct.unpack_from(f"<{2 * count}H", data, position)
    position += 4 * count
    if not runs or count >= _OFFSETS_FROM:
        position += 4 * count
    _check_rising(sizes[::2], sizes[2::2])
    for index in range(count):
        is_runs = bool(runs) and bool(runs[index >> 3] >> (index & 7) & 1)
        lows, position = _lows(data, position, sizes[2 * index + 1] + 1, is_runs)
        base = sizes[2 * index] << 16
        yield from (base + low for low in lows)


def _check_rising(before: Iterable[int], after: Iterable[int]) -> None:
    if not all(map(lt, before, after)):
        raise ValueError("the numbers of the bitmap do not rise")


def _lows(data: bytes, position: int, size: int, is_runs: bool) -> tuple[Iterable[int], int]:
    """The lower halves of the container at ``position``, and where the next one begins."""
    if is_runs:
        (count,) = struct.unpack_from("<H", data, position)
        pairs = struct.unpack_from(f"<{2 * count}H", data, position + 2)
        starts = pairs[::2]
        ends = [start + more for start, more in zip(starts, pairs[1::2], strict=True)]
        # Before they are written out: damaged runs could ask for any amount of memory.
        _check_rising([-1, *ends], [*starts, 1 << 16])
        lows = [
            low for start, end in zip(starts, ends, strict=True) for low in range(start, end + 1)
        ]
        return lows, position + 2 + 4 * count
    if size <= _ARRAY_LIMIT:
        halves = struct.unpack_from(f"<{size}H", data, position)
        _check_rising(halves, halves[1:])
        return halves, position + 2 * size
    bits = data[position : position + _BITS_SIZE]
    if len(bits) < _BITS_SIZE:
        raise IndexError
    lows = [low for low in range(1 << 16) if bits[low >> 3] >> (low & 7) & 1]
    return lows, position + _BITS_SIZE


def text(data: bytes) -> str:
    """A bitmap as text, with ``...`` at the end where it would be too long.

    >>> text(write([-1, 2]))
    '{2,4294967295}'
    """
    numbers = ",".join(map(str, read(data)))
    if len(numbers) > _LONGEST_TEXT:
        numbers = numbers[: numbers.rindex(",", 0, _LONGEST_TEXT) + 1] + "..."
    return "{" + numbers + "}"


def cardinality(data: bytes) -> int:
    """How many numbers a bitmap has."""
    return len(read(data))


def combined(bitmaps: Iterable[bytes], operation: str) -> bytes:
    """One bitmap of several.

    Args:
        bitmaps: At least one.
        operation: ``AND``, ``OR``, ``XOR``, or ``ANDNOT``: without those of the others.
    """
    parts = [set(read(each)) for each in bitmaps]
    found, *others = parts
    for other in others:
        match operation:
            case "AND":
                found &= other
            case "OR":
                found |= other
            case "XOR":
                found ^= other
            case _:
                found -= other
    return write(found)
