"""Measuring greenlane beside the file limit, a row loop and pandas, in one run."""
