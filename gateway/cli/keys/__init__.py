"""`silkgate keys`."""
