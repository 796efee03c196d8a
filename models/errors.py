"""What can go wrong with models.

ModelsError
├── UnknownModelError   no model of that name in the registry
├── RegistryError       registry.toml says something it must not
├── FetchError          a file cannot be had, or is not the one that the registry pins
└── ExportError         a checkpoint cannot be turned into a model that the agent loads
"""


class ModelsError(Exception):
    """A model cannot be listed, fetched or exported."""


class UnknownModelError(ModelsError):
    """No model of that name in the registry."""


class RegistryError(ModelsError):
    """registry.toml says something it must not."""


class FetchError(ModelsError):
    """A file cannot be had, or is not the one that the registry pins."""


class ExportError(ModelsError):
    """A checkpoint cannot be turned into a model that the agent loads."""
