"""People into what they need, by site and day: water, food, shelter, latrines; and rules that raise alarm."""
