"""What is believed about a crisis on its issue date, read from a folder of plain files and checked.

`corridor.scenario.load` turns a folder into a frozen `corridor.scenario.model.Scenario` or into all of its
problems at once; `corridor.scenario.write` turns a scenario into a folder again.
"""
