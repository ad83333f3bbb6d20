"""The Keys in a real Home Assistant."""
