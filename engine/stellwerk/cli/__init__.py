"""The command line `stellwerk`."""

from stellwerk.cli.app import main

__all__ = ["main"]
