"""That it is unchanged, and who holds it: Merkle log, checkpoints, proofs, anchors, title register."""
