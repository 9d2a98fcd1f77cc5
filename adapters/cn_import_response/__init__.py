"""China Single Window: the response to an uploaded declaration (DecImportResponse)."""
