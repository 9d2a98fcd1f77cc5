"""Canonical statements: what RDFC-1.0 says where libraries differ."""

from __future__ import annotations

from hashlib import sha256

from certs.records.canonical import canonical

STRING = "http://www.w3.org/2001/XMLSchema#string"


def test_blank_nodes_are_hashed_in_canonical_form():
    """Control characters count as the escapes of canonical N-Quads when blank nodes are named.

    The hashes of these two would be in the other order with the characters as they are.
    """
    predicate = {"type": "IRI", "value": "urn:p"}
    quads = [
        {
            "subject": {"type": "blank node", "value": name},
            "predicate": predicate,
            "object": {"type": "literal", "value": value, "datatype": STRING},
        }
        for name, value in (("_:four", "\x04"), ("_:one", "\x01"))
    ]
    statements = [f'_:a <urn:p> "\\u000{number}" .\n' for number in (1, 4)]
    one, four = (sha256(each.encode()).digest() for each in statements)
    assert one < four
    assert canonical({"@default": quads}).labels == {"one": "c14n0", "four": "c14n1"}
