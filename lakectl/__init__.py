"""What ./lake does. Python 3.9, standard library only: it runs before anything is installed."""
