"""What crosses the wire: ledger entries, batches, receipts, live values, status, topics and their codec."""
