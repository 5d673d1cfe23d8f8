"""Answers stored as they are sent, and the whole site as files: what readers get without us in the way."""
