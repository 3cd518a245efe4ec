"""The key hash once more, in plain Python: slow, short, and what the native kernel must equal."""

from typing import Any

from flott.kernels.key_hash import canonical

_MASK = 2**64 - 1
_P1 = 0x9E3779B185EBCA87
_P2 = 0xC2B2AE3D27D4EB4F
_P3 = 0x165667B19E3779F9
_P4 = 0x85EBCA77C2B2AE63
_P5 = 0x27D4EB2F165667C5

_SIMPLE = (int, float, str, bytes, tuple, frozenset)


def key_hash(key: Any) -> int:
    """The low 32 bits of the hash of a key."""
    return hash64(key) & 0xFFFFFFFF


def hash64(key: Any) -> int:
    base = next((b for b in _SIMPLE if type(key).__hash__ is b.__hash__), None)
    if key is None:
        return mix64(int.from_bytes(b"none", "big"))
    if base is float and key != key:
        return mix64(int.from_bytes(b"nan", "big"))
    if base in (int, float):
        return mix64(hash(key) & _MASK)
    if base is str:
        try:
            return xxh64(key.encode(), 0)
        except UnicodeEncodeError:
            return xxh64(key.encode("utf-8", "surrogatepass"), 1)
    if base is bytes:
        return xxh64(key, 1)
    if base is tuple:
        value = mix64(int.from_bytes(b"tuple", "big") + len(key))
        for element in key:
            value = mix64((value * _P1 + hash64(element)) & _MASK)
        return value
    if base is frozenset:
        value = 0
        for element in key:
            value ^= mix64((hash64(element) + _P1) & _MASK)
        return mix64((int.from_bytes(b"fset", "big") + len(key) + value) & _MASK)
    return hash64(canonical(key))


def mix64(value: int) -> int:
    """The finaliser of MurmurHash3."""
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & _MASK
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33


def xxh64(data: bytes, seed: int) -> int:
    """XXH64 as its specification has it."""
    stripes = len(data) // 32
    if stripes:
        lanes = [seed + _P1 + _P2, seed + _P2, seed, seed - _P1]
        for at in range(0, stripes * 32, 8):
            lanes[at // 8 % 4] = _round(lanes[at // 8 % 4], _word(data, at, 8))
        value = sum(_rotl(lane & _MASK, n) for lane, n in zip(lanes, (1, 7, 12, 18), strict=True))
        for lane in lanes:
            value = ((value ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        value = seed + _P5
    value = (value + len(data)) & _MASK
    at, end = stripes * 32, len(data)
    while end - at >= 8:
        value = (_rotl(value ^ _round(0, _word(data, at, 8)), 27) * _P1 + _P4) & _MASK
        at += 8
    if end - at >= 4:
        value = (_rotl(value ^ (_word(data, at, 4) * _P1 & _MASK), 23) * _P2 + _P3) & _MASK
        at += 4
    for byte in data[at:]:
        value = _rotl(value ^ (byte * _P5 & _MASK), 11) * _P1 & _MASK
    value = (value ^ value >> 33) * _P2 & _MASK
    value = (value ^ value >> 29) * _P3 & _MASK
    return value ^ value >> 32


def _word(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _rotl(value: int, count: int) -> int:
    return (value << count | value >> 64 - count) & _MASK


def _round(lane: int, value: int) -> int:
    return _rotl((lane + value * _P2) & _MASK, 31) * _P1 & _MASK
