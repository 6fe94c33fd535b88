import warnings

warnings.warn("old thing", DeprecationWarning)
