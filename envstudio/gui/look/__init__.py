"""How everything looks and what it says: colours, styles, and the words of errors."""
