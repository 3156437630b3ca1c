"""Programs that make the models that ship."""
