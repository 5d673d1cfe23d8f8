"""Partners: who works for them, how they come, and their campaigns. Not what a broadcast costs."""
