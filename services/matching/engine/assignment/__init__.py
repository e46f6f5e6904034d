"""Assigning lines to suppliers where the structure is no flow: whole lines, a share to reach, a cost to keep."""
