"""How others write a document: one folder of tables per format, all run by one engine."""
