"""What a person reads: sentences, a table to act on, a terminal page, a report, quantiles as CSV.

Everything here starts from a `corridor.ensemble.forecast.Forecast` and changes nothing in it. All English
words are in ``texts``; pictures are SVG written by ``charts`` and ``maps``; nothing is fetched from
anywhere.
"""
