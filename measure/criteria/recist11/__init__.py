"""RECIST 1.1: Eisenhauer EA et al., Eur J Cancer 2009;45:228-247.

With the update and the published answers.
"""
