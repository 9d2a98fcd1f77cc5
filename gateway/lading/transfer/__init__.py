"""Transfers, inside a platform and between two (DCSA PINT)."""
