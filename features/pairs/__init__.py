"""What an enterprise and a product are to each other: pair features, crossed from profiles, offers, quotes and ties."""
