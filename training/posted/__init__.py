"""What was asked of the service, what it answered and what became of it: read from its store, to learn from."""
