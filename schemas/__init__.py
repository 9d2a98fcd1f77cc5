"""What a document is: canonical models, business terms, code lists, rules, findings, errors.

This room imports nothing of the others and no web, database or chain library.
"""
