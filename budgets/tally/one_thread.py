"""Imported before NumPy by what runs as a process of its own: nothing here multiplies matrices, and the threads that
NumPy's linear algebra starts for every processor would cost a short count more time than reading a city's ballots."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
