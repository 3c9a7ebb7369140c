"""What deploy/check.py looks at, a file for each kind of thing."""
