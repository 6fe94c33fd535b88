class Loader:
    def __str__(self):
        return "loaded"
