"""Who owes whom what: ledger, charges, splits, statements."""
