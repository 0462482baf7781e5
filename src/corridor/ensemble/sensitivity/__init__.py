"""Which of the things that are not known matters most for one outcome, and what it would be worth to know it.

`outcome` reads what is asked and measures it in a simulated future, `plan` says which futures are simulated,
`futures` simulates them so that an interrupted run goes on, `worth` and `indices` estimate, `analyse` ties
them together, `result` is what comes out and how it is stored. docs/sensitivity.md has the method.
"""
