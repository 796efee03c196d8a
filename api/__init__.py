"""The KPI API: what is counted and sold, for other programs, over HTTP."""
