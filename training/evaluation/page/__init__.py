"""An evaluation as one page for people, in Chinese and English."""
