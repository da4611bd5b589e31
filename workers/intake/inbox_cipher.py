"""The key of the inbox: what waits there is about patients, and a copied file must tell nothing."""

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from adapter.errors import ConfigurationFault


def new_key() -> bytes:
    """A line for a key file."""
    return Fernet.generate_key() + b"\n"


def cipher_of(file: Path) -> MultiFernet:
    """The keys of a file, one a line: the first one locks, each opens. Raises ConfigurationFault."""
    try:
        lines = [line for line in file.read_bytes().split() if line]
        return MultiFernet([Fernet(line) for line in lines])
    except (OSError, ValueError) as error:
        problem = f"{file}: is no key of the inbox ({type(error).__name__}); make one with `osteo-handover hl7 new-key`"
    raise ConfigurationFault(problem)


def decrypted(cipher: MultiFernet, token: bytes) -> bytes:
    """What was locked; raises ConfigurationFault when the key is another one."""
    try:
        return cipher.decrypt(token)
    except InvalidToken:
        problem = (
            "The inbox holds messages that were kept with another key: add that key as a line to intake.key."
        )
    raise ConfigurationFault(problem)
