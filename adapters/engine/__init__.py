"""The table engine: one walk over a document by a compiled mapping table, and the way back."""
