"""Which version of this program runs: what letters, requests and decisions name."""

from importlib.metadata import PackageNotFoundError, version


def software_version() -> str:
    """The version of this program."""
    try:
        return version("osteo-handover")
    except PackageNotFoundError:
        return "unreleased"  # run from a checkout that was never installed
