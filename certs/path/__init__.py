"""Certification paths: found, and judged by RFC 5280, section 6."""

from __future__ import annotations

from certs.path.made import issued, signed_list
from certs.path.search import Demands, Path, find

__all__ = ["Demands", "Path", "find", "issued", "signed_list"]
