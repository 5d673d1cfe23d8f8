"""Drafting: a broadcast is prepared, moved, made up for, corrected. It goes nowhere without approval."""
