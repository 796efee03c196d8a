"""Releases on the box: keys that are trusted, fetching, the application's versions with their guard, and models."""
