"""People counters of other makers: what they push becomes entries of the ledger, with an epoch of its own each."""
