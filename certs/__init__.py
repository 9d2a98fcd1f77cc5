"""Who said so, and when: keys, signatures, time-stamps, certificate paths, evidence."""
