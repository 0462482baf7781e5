"""Names become numbers: members x storylines x priors, run in parallel, gathered in one `Forecast`."""
