"""Domain values as text, Markdown and HTML, for the window and the command line alike."""
