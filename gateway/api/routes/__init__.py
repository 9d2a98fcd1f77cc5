"""The routes, one module per subject; each is a function from the face to a router."""
