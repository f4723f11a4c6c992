"""A config folder to begin with: the shipped faro.toml and the example site."""

from __future__ import annotations

import json
import os
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
    folder = Path(os.path.normpath(folder))
    main, example = folder / "faro.toml", folder / "sites" / "example.toml"
    for path in (main, example):
        if path.exists():
            raise ConfigError(f"{path}: is there already; choose another folder, or move it away")
    name = Path(os.path.normpath(folder.absolute())).name
    text = shipped.joinpath("faro.toml").read_text("utf-8")
    if name != "config":
        # A TOML string is written as JSON writes it.
        data_dir = json.dumps(f"./{name}-var", ensure_ascii=False)
        text = text.replace(_DATA_DIR, f"data_dir = {data_dir} ", 1)
    try:
        example.parent.mkdir(parents=True, exist_ok=True)
        for path, content in (
            (example, shipped.joinpath("sites/example.toml").read_text("utf-8")),
            (main, text),
        ):
            # "x": a file that another process made meanwhile is not overwritten either.
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(content)
    except OSError as error:
        raise ConfigError(f"{folder}: can't be written: {error.strerror}") from error
    return [main, example]
