"""The counting engine: reads an election, counts it exactly under a declared rule, and says why.

A pure package: the standard library and NumPy, no Django. Money is whole minor units (pence); every published
number is an integer or an exact fraction.
"""
