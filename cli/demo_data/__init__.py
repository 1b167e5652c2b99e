"""The demo: customers, people and tickets made by the real services at moments of the past."""
