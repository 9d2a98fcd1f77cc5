"""How others write a document: one folder of tables per format, all run by one engine.

The face of the room is `adapters.api`: detect, read, validate, render, convert, formats.
"""
