"""What the Python tests stand on: a home to break (home.py), heap and lake side by side (twin.py), and the other engines
that read what a test wrote (readers.py). Fixtures over these are in tests/conftest.py."""
