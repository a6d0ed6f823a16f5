"""Small widgets that several screens use; none of them knows the library."""
