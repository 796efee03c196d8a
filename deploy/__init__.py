"""The composition root: command line, migrations, one-machine supervisor, demo."""
