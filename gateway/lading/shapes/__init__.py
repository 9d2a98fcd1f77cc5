"""The shapes of DCSA's messages, as a table, and the check of a message against it."""

from gateway.lading.shapes.check import Fault, check, narrowed

__all__ = ["Fault", "check", "narrowed"]
