"""Registers of titles: the gateway's own, and those that the lading room asks."""
