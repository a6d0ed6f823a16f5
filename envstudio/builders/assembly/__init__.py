"""Putting an image together from a lock: what becomes of packages, layers, and the image that goes somewhere."""
