"""Statistics of reads: intervals of proportions, agreement of two readers."""
