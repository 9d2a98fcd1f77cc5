"""The HTTP API: what port systems, invoice senders, partners and authorities call."""
