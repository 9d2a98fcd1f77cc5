"""`silkgate demo`: the whole two-sided story on one machine, told while it happens."""

from gateway.cli.demo.command import command

__all__ = ["command"]
