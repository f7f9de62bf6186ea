"""Results of the evidence synthesis on their way out: JSON at full precision, tables, pictures, the printed report."""
