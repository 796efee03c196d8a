"""Home Assistant: a shop's boxes as devices in it, by MQTT discovery."""
