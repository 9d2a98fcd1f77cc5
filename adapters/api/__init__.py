"""The face of the room, in parts; `adapters` itself names what others use."""
