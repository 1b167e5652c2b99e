"""The vendor's own database: tenants and where they live, operators, work queue."""
