"""What several screens show: the pages of an environment, and what says what went wrong or why."""
