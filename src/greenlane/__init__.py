"""greenlane clears cross-border e-commerce: law, money, risk and release for parcels."""

__version__ = "0.1.0"
