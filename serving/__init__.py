"""How answers are given: the BentoML service, its edge, its store."""
