"""Control tracking: beyond two platforms, who is in control of a bill."""
