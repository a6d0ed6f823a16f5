"""The window. PySide6 is imported in this package and nowhere else."""
