"""Every vendor against its simulator."""
