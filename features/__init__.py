"""What we say of an enterprise: one definition per feature, feature sets, and profiles()."""
