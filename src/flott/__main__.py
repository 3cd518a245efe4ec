"""Lets `python -m flott` be the command `flott`."""

from flott.cli.main import main

if __name__ == "__main__":
    main()
