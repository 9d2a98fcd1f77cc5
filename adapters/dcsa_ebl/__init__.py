"""DCSA transport document 3.0: what a declaration is joined to in a bill of lading."""
