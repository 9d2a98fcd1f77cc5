"""That it is unchanged, and who holds it: Merkle log, proofs, witnesses, anchors, title."""
