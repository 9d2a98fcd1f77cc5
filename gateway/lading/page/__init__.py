"""A bill of lading as people know it: its sheet, as a page and as PDF."""
