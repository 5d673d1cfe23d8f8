"""The rings of keys that a process starts with: of two variables, or of the file that a third one names."""

from pathlib import Path

from config.env import Env, SettingError
from messaging.sealing.keys.file import KeyFileError, read_key_file
from messaging.sealing.keys.ring import PRACTICE_KEY, PURPOSES

Keys = dict[int, bytes]
_WANTED = "1: and a key of 32 bytes (`openssl rand -base64 32`)"


def read_rings(
    env: Env, names: tuple[str, str], *, file: str, practice: bool, needed: bool
) -> list[Keys]:
    """Return the number keys and the index keys; both may be empty unless `needed`.

    With `practice` the public key stands where there is none; without, it is refused from anywhere.
    """
    rings = [env.keys(name) for name in names]
    sources = list(names)
    if path := env.text(file):
        for name, ring in zip(names, rings, strict=True):
            if ring:
                raise SettingError(name, f"keys beside {file}", "nothing: keys stand in one place")
        rings, sources = _read_file(file, path), [file, file]
    for source, ring in zip(sources, rings, strict=True):
        if practice and not ring:
            ring[1] = PRACTICE_KEY
        if not practice and PRACTICE_KEY in ring.values():
            raise SettingError(source, "the rehearsal's public key", "a key of its own")
        if needed and not ring:
            raise SettingError(source, "nothing", _WANTED)
    return rings


def _read_file(file: str, path: str) -> list[Keys]:
    try:
        held = read_key_file(Path(path))
    except KeyFileError as error:
        raise SettingError(file, error.held, error.wanted) from None
    return [held[purpose] for purpose in PURPOSES]
