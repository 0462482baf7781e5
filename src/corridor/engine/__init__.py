"""The law: arrays in, arrays out, one member at a time. Knows no file, no name, no date, no plot."""
