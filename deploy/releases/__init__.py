"""Releases at head office: keys, building, signing, and handing files to enrolled boxes."""
