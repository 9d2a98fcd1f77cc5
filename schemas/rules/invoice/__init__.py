"""Official rule packs of invoices, native: no Schematron engine, no XSLT."""
