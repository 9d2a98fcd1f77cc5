"""China Single Window: the business receipt of a declaration (DEC_DATA)."""
