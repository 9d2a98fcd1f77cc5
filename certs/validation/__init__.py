"""From what came with a signature to a decision after EN 319 102-1.

`material` holds certificates and revocation data, `answers` reads OCSP responses, `facts` turns
them into what a decision looks at, and `judge` decides about one signature with its time-stamps.
"""
