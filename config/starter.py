"""A config folder to begin with: the shipped faro.toml and the example site."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from config.errors import ConfigError

_DATA_DIR = 'data_dir = "./var" '


def write_starter(folder: Path) -> list[Path]:
    """Write faro.toml and sites/example.toml into `folder`; returns what was made.

    The data folder is `./var` beside a folder called `config`, else `./<name>-var`. Raises
    ConfigError rather than overwrite anything.
    """
    shipped = files("config")
    main, example = folder / "faro.toml", folder / "sites" / "example.toml"
    for path in (main, example):
        if path.exists():
            raise ConfigError(f"{path}: is there already; choose another folder, or move it away")
    text = shipped.joinpath("faro.toml").read_text("utf-8")
    name = folder.absolute().name
    if name != "config":
        text = text.replace(_DATA_DIR, f'data_dir = "./{name}-var" ', 1)
    try:
        example.parent.mkdir(parents=True, exist_ok=True)
        main.write_text(text, "utf-8")
        example.write_text(shipped.joinpath("sites/example.toml").read_text("utf-8"), "utf-8")
    except OSError as error:
        raise ConfigError(f"{folder}: can't be written: {error.strerror}") from error
    return [main, example]
