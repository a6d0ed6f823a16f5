"""What a window works on and remembers, without any screen."""
