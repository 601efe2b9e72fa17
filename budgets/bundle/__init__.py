"""What is published with a certified result so that anyone can check it; `verify.py` is published with it."""
