"""The command line: one thin file a noun, over the tasks. What it prints is described in the README."""
