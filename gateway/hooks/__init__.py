"""Telling tenants what happens, at addresses of their own: signed, in order, until it is taken."""
