"""DCSA transport document 3.0: what a bill of lading says, as far as a declaration is joined to it."""
