"""WCO Data Model 3.x declaration, in the subset and envelope of UK CDS."""
