"""What crosses from catalog to matching, by version. A released version only ever grows."""
