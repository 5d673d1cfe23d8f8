"""Approval: what is shown, within which limits, how many must say yes, what voids it. Sends nothing."""
