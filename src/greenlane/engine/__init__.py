"""Bulk runs over files, and one decision explained."""
