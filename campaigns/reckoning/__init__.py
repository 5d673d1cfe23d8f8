"""Reckoning: whom a broadcast would reach, when, and at what price. Plans nothing."""
