"""What banks offer: products and their conditions, and what a condition says of an enterprise."""
