"""The doctor: whether a box can do its work where it stands, thing by thing, each with what to do."""
