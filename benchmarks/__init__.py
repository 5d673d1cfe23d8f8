"""What is measured, and how: figures to be beaten, never timed tests."""
