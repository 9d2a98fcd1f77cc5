"""Singapore declaration in JSON on the public names of the SG node; the others are placeholders."""
