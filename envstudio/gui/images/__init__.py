"""The images that builds made, and the builds."""
