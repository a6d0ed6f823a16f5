"""Running a command in an environment, and what was run in it before."""
