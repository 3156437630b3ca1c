"""Training of the models that are shipped with the packages."""
