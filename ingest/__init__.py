"""MQTT into TimescaleDB exactly once, and the orders API."""
