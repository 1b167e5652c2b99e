"""Engines, scopes, provisioning and migrations: the only place that opens a database."""
