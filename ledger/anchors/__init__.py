"""Anchors: where a checkpoint's root is put so that even the operator cannot take it back."""
