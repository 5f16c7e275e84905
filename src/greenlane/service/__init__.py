"""The HTTP API of the clearance service: the only room that knows a web framework."""
