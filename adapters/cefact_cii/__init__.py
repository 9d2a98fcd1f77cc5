"""UN/CEFACT Cross Industry Invoice: profile, table, quirks, samples."""
