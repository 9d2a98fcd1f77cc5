"""UBL 2.1 invoice (EN 16931, Peppol BIS Billing): what a declaration is joined to."""
