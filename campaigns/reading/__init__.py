"""Readers' pages that lead to messages and away from them: joining and stopping, without a cookie."""
