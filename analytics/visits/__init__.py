"""Visits: one store's visitors from the street to the till, today and over past days."""
