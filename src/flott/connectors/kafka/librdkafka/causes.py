"""Why a client gets no answer, where it will never get one.

librdkafka connects again and again whatever a broker says, so a wrong password or a certificate of
an unknown authority looks like a broker that is away: calls time out. The reason is in what the
client has told about its last attempt. As with the Java client, these two are final.
"""

from __future__ import annotations

from typing import Final

from flott.connectors.kafka.client.ports import ClientError

#: What calls fail with while no broker answers.
_VAGUE: Final = frozenset(
    {"_ALL_BROKERS_DOWN", "_MSG_TIMED_OUT", "_TIMED_OUT", "_TIMED_OUT_QUEUE", "_TRANSPORT"}
)
_SIGN_IN: Final = frozenset(
    {
        "_AUTHENTICATION",
        "ILLEGAL_SASL_STATE",
        "SASL_AUTHENTICATION_FAILED",
        "UNSUPPORTED_SASL_MECHANISM",
    }
)


def find_cause(error: ClientError, last_error: str | None) -> ClientError | None:
    """The error that says why, if trying again does not help.

    Args:
        error: What a call failed with.
        last_error: What the client has told last: a text, and its code in parentheses.

    >>> why = "SASL authentication error: Invalid username or password (_AUTHENTICATION)"
    >>> find_cause(ClientError("_TIMED_OUT", "no answer"), why).code
    '_AUTHENTICATION'
    >>> find_cause(ClientError("_TIMED_OUT", "no answer"), "Connection refused (_TRANSPORT)")
    """
    if error.is_fatal or error.code not in _VAGUE or not last_error:
        return None
    text, _, code = last_error.rstrip(")").rpartition(" (")
    # A connection that is cut during the handshake has this code, too, and may be better next time.
    is_refused = code == "_SSL" and "certificate" in text
    return ClientError(code, text) if is_refused or code in _SIGN_IN else None
