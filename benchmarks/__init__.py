"""Comparisons that can be run again; their figures feed docs/figures.md."""
