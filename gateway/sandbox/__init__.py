"""Simulated customs for demonstration and tests; never part of a production gateway."""
