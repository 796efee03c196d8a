"""From counted things to ingest's receipt: outbox, ledger sender, presence and the MQTT connection."""
