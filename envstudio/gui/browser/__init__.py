"""The workspace browser at the left."""
