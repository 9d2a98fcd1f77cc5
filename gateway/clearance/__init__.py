"""One declaration, two sides: what both customs say, and what follows from it."""
