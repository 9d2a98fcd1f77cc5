"""`silkgate lading`."""
