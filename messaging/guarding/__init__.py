"""Guarding: limits, alarms, the switch, and what the beats of the clock tell. Sends nothing."""
