"""How good a model is on enterprises and days it has not seen: computed once, logged, shown and held against gates."""
