"""Statistics: intervals, how far days stray, miscounts, and what small cells must not tell."""
