"""The frame of the window: its toolbar, its tabs and its status bar."""
