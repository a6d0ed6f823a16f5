"""EnvStudio: machine-learning environments, defined, versioned, compared, locked, built and run."""

__version__ = "0.1.0"
