"""What happens to a consignment and why, from assessment and risk."""
