"""The look of all pages: layout, macros, styles, scripts, languages, and what a page route is made with."""
