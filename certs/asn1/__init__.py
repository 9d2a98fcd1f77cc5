"""ASN.1 in the distinguished and the basic encoding (X.690), and the object identifiers in use."""
