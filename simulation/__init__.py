"""A small, seeded world of invented enterprises for the demo and for tests."""
