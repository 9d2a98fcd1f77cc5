"""China Single Window goods declaration, DecMessage version 4."""
