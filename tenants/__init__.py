"""What a customer owns: its database and everything in it."""
