"""A fleet of simulated stores with exact, seeded truth: see `deploy.simulation.model` for what is modelled and how."""
