"""Dockerfiles and build contexts: the user's own, or generated; what BuildKit and the classic builder share."""
