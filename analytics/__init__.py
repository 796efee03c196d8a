"""KPIs, funnel and quality: pure functions over SQL views."""
