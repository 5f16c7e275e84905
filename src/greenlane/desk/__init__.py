"""The use cases of the clearance service: one transaction each over procedure, money, people's data and store."""
