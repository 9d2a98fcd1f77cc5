"""Certificates and what is published of their revocation (RFC 5280, RFC 6960)."""
