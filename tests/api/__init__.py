"""The clients of every vendor, against real bytes on a real wire."""
