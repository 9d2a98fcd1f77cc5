"""The built-in authorities: certificates issued, registered and revoked; time-stamps given."""
