"""A fictitious province as spreadsheets: leaders, bills of materials, needs, suppliers, purchases, certificates.

The trade knowledge is in `data/` (a file of bought parts per leader, trades, clusters, words); the modules here only
draw from it. Equal seeds give equal cells: there is no clock, and each part has a stream of chance of its own, so
that a changed line of data moves little else. Every company's name ends in （虚构）, and every credit code has region
000000, which no real firm can have.
"""

from services.catalog.seed.province import Scale, Summary, write_province

__all__ = ["Scale", "Summary", "write_province"]
