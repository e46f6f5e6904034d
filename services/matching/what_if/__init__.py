"""What-if: a resident engine keeps the last runs' bases, and says at once what a change would bring."""
