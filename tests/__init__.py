"""Smart Locks, tested through its front door."""
