"""Who said so, and when: keys, signatures, time-stamps, certificate paths, trust domains, evidence."""
