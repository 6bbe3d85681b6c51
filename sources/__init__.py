"""What we are given: contracts, records, readers, importers, rejects."""
