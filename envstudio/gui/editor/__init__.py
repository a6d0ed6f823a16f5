"""The pages on which an environment is edited."""
