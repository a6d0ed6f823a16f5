"""Jobs with their stages and logs."""
