"""What would change an answer: the smallest lawful changes that reach the next grade or open a product, verified."""
