"""Factur-X and ZUGFeRD 2: a PDF for people with the same invoice in CII inside."""
