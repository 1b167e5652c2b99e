"""What `make bench` runs: the portal's page of 50 tickets against the least that could answer it."""
