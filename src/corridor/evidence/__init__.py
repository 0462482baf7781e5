"""From what was said, by whom, to what is believed: the ledger of claims, pooled quantity by quantity.

`quantities` reads what a claim is about, `ledger` gathers the claims of a scenario and finds their faults,
`pool` turns claims into a distribution, `reading` proposes claims from the text of a report. Nothing here
enters a scenario unasked.
"""
