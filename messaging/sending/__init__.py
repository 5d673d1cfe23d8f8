"""Sending: a batch planned, claimed, let through the last gate, called, recorded. Not what comes back."""
