"""The carrier of a bill: instructions, drafts, issue, surrender, arrival (DCSA EBL, NTF, AN)."""
