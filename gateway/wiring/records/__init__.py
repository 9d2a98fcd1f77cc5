"""Documents of title: verified, and what became of the title."""
