"""The law and its engines put to the test: cases at every threshold, engines held against each other."""
