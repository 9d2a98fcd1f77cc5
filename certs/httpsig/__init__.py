"""Signatures of HTTP messages (RFC 9421) over fields, derived components and content digests."""

from __future__ import annotations

from certs.httpsig.message import Message
from certs.httpsig.rawrequest import read_request
from certs.httpsig.signing import WANTED, sign
from certs.httpsig.verifying import Expected, Verified, verify

__all__ = ["WANTED", "Expected", "Message", "Verified", "read_request", "sign", "verify"]
