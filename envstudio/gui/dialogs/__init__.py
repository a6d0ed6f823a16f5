"""The few questions that need a box of their own."""
