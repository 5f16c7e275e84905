"""What is owed, by whom and how surely."""
