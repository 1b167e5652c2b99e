"""What the audit logs of customers and of the vendor have in common: their rows are sealed into a chain."""
