"""Models of product fit: learned from past applications, judged, and challenged by a ranker."""
