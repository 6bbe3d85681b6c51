"""Whom to visit: the five standards, shells and zombies, promise, lists by district, and banks for towns."""
