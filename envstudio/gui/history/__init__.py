"""The timeline of versions and the diff beside it."""
