"""The transparency log over the store: kept, read, anchored, witnessed, watched."""
