"""Indicators, screening and the profile that weighs them."""
