"""The platform of issue: bills taken, surrendered, their endorsements told (DCSA ISS, SUR, END)."""
