"""An end-to-end test: a person's way through the demo, in a browser. scripts/e2e runs it."""
