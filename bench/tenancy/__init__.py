"""What a database for every customer costs: figures of `make bench`."""
