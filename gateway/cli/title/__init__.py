"""`silkgate title`."""
