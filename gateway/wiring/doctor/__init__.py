"""What `silkgate doctor` looks at."""
