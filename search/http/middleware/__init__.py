"""What every request passes before it meets a route."""
