"""UBL 2.1 invoice and credit note: profile, table, quirks, samples."""
