"""The verdict on a suite: everything the double saw that a green test hides."""
