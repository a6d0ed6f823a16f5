"""Work that goes on beside the window: what runs it in threads, and what looks again and again."""
