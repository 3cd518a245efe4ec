"""Lines of text from a socket, for trying things out."""

from flott.connectors.socket import SocketTextSource

__all__ = ["SocketTextSource"]
