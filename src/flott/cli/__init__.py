"""The command `flott`: one module per command."""
