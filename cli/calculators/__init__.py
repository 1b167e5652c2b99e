"""`slaportal sla time`, `due`, `quote`, `uptime`, `term`: a line of JSON in, a line of JSON out."""
