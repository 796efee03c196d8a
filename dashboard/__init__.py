"""The Dash application: store live, all stores."""
