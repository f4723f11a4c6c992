"""The generated pages are up to date, and every key has a meaning."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config.models import FaroFile
from config.reference import documents
from config.sitefile import SiteFile


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_generated_page_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == documents()[path], "run: make docs"


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for argument in typing.get_args(annotation):
        yield from models(argument)


@pytest.mark.parametrize("model", {*models(FaroFile), *models(SiteFile)}, ids=lambda m: m.__name__)
def test_every_key_is_documented(model: type[BaseModel]) -> None:
    page = "\n".join(documents().values())
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        assert field.description, f"{model.__name__}.{name} has no description"
        assert f"`{field.alias or name}`" in page or f"{field.alias or name}" in page
