"""LOQED in a real Home Assistant, against its simulator."""
