"""How far recent requests have moved from what a model knows, what moved them, and what to do."""
