"""The rules of the agreements: pure values and functions. No clock, no database, no network."""
