"""Traffic forecasts: the next 14 days by hour, with intervals, from a store's own history."""
