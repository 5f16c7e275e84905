"""Statistics of decided consignments: folds over outcomes, exact and mergeable."""
