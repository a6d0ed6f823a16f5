"""What an environment was resolved to."""
