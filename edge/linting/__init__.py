"""The linter of lines and zones: what cannot count, counts twice or counts in part, before anybody is counted."""
