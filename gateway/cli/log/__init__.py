"""`silkgate log`."""
