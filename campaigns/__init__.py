"""Ties content to an audience: partners, segments, broadcasts, approvals."""
