"""Formulas as graphs, their two evaluators, and dated, cited parameters."""
