"""What the integration costs, beside its peers and Home Assistant itself: `scripts/bench`."""
