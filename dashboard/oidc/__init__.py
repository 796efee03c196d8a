"""Signing in with OpenID Connect, beside the accounts of our own."""
