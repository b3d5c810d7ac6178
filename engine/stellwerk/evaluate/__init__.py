"""The law applied to cases: a reference that defines the meaning, and compilers that must agree with it."""
