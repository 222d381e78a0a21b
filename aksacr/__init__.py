"""aksacr: why an AKS cluster cannot pull from an Azure Container Registry, and what to type to mend it."""

__version__ = "0.1.0"
