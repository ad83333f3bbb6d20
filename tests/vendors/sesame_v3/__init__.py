"""The first generation of Sesame in a real Home Assistant, against its simulator."""
