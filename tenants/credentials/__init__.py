"""What accounts and operators have in common: the columns and the store behind every sign-in."""
