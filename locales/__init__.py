"""What we know about languages and countries. Imports nothing of ours."""
