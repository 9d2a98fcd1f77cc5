"""How a gateway talks to the one on the other side, to a witness and to an authority.

A line (`gateway.transport.line`) leads to one party at one address with one pinned certificate
authority; the four messengers (`courier`, `mirror`, `witness`, `authority`) each speak one
message over it. Nothing here fetches an address that came out of a document.
"""
