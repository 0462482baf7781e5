"""From the text of a report to proposed claims, for a person to accept, mend or strike.

`text` turns a file into sentences with their lines, `figures` finds quantities with units, `speakers` who
says it and through whom, `propose` puts them together. Rules only: no model is loaded and nothing is
learned.
"""
