"""Banks of the city: what they offer, what they see, how they decide, and how firms choose among them."""
