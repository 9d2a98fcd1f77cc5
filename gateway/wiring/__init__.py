"""Putting the rooms together: the one place that knows all of them.

Each module fills in Protocols that another room owns; `assembly.assemble` builds a gateway.
"""
