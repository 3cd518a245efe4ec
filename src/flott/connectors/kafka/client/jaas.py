"""Reads ``sasl.jaas.config``: how the Java client is told who it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from flott.common.errors import ConfigurationError

_KEY: Final = "sasl.jaas.config"
_MODULE: Final = re.compile(r"\s*([\w.$]+)\s+(required|requisite|sufficient|optional)\b", re.I)
_OPTION: Final = re.compile(r"""\s*([\w.$-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))""")


def parse_jaas(text: str) -> dict[str, str]:
    """Return librdkafka's properties that say the same.

    Raises:
        ConfigurationError: If it cannot be read, or names a module that only Java has. The text
            is not repeated, since it holds a password.

    >>> parse_jaas('org.apache.kafka.common.security.plain.PlainLoginModule required '
    ...            'username="ada" password="enigma";')
    {'sasl.username': 'ada', 'sasl.password': 'enigma'}
    """
    head = _MODULE.match(text)
    if head is None:
        raise _error("it must begin with the class of a login module and the word 'required'")
    name = head[1].rpartition(".")[2]
    read = _READERS.get(name)
    if read is None:
        raise _error(
            f"there is no login module {name} here, only {', '.join(sorted(_READERS))}; "
            "with another mechanism, set sasl.mechanism=OAUTHBEARER and sasl.oauthbearer.*"
        )
    return read(_parse_options(text, head.end()))


def _parse_options(text: str, start: int) -> dict[str, str]:
    options = {}
    end = start
    while (found := _OPTION.match(text, end)) is not None:
        options[found[1]] = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
        end = found.end()
    if text[end:].strip() != ";":
        raise _error(
            f"after {len(options)} options, at character {end + 1}, there must be another one as "
            'name="value", or a semicolon at the end'
        )
    return options


def _read_password(options: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in ("username", "password") if name not in options]
    if missing:
        raise _error(f"{' and '.join(missing)} is missing")
    return {"sasl.username": options["username"], "sasl.password": options["password"]}


def _read_oauth(options: Mapping[str, str]) -> dict[str, str]:
    names = {
        "clientId": "sasl.oauthbearer.client.id",
        "clientSecret": "sasl.oauthbearer.client.secret",
        "scope": "sasl.oauthbearer.scope",
    }
    found = {ours: options[name] for name, ours in names.items() if name in options}
    extensions = [
        f"{name.removeprefix('extension_')}={value}"
        for name, value in options.items()
        if name.startswith("extension_")
    ]
    if extensions:
        found["sasl.oauthbearer.extensions"] = ",".join(extensions)
    return found


def _read_kerberos(options: Mapping[str, str]) -> dict[str, str]:
    names = {
        "keyTab": "sasl.kerberos.keytab",
        "principal": "sasl.kerberos.principal",
        "serviceName": "sasl.kerberos.service.name",
    }
    return {ours: options[name] for name, ours in names.items() if name in options}


_READERS: Final[dict[str, Callable[[Mapping[str, str]], dict[str, str]]]] = {
    "Krb5LoginModule": _read_kerberos,
    "OAuthBearerLoginModule": _read_oauth,
    "PlainLoginModule": _read_password,
    "ScramLoginModule": _read_password,
}


def _error(what: str) -> ConfigurationError:
    return ConfigurationError(f"{_KEY} cannot be read: {what}", key=_KEY)
