"""Sesame 3 and later in a real Home Assistant, against the simulator of the Web API."""
