"""How much, at what cost: limits, affordability, price, subsidies, renewal."""
