"""Files of further models, and the messages for invalid ones."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from chatdouble.catalogue.catalogue import Catalogue, UnknownModelError
from chatdouble.catalogue.data import BuiltIn, built_in, judge, model_ids
from chatdouble.catalogue.model import Model


def _file(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "models.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_a_model_of_a_file_is_like_another_but_for_what_it_says(tmp_path: Path) -> None:
    entries = [
        {"id": "house-1", "like": "gpt-4o", "max_output_tokens": 99, "owned_by": "us"},
        {"id": "house-2", "like": "house-1", "unsupported": ["stop"]},
    ]
    catalogue = Catalogue.load(_file(tmp_path, {"models": entries}))
    first, second = catalogue.find("house-1"), catalogue.find("house-2")
    assert (first.snapshot, first.max_output_tokens, first.context_window) == ("house-1", 99, 128_000)
    assert (second.snapshot, second.max_output_tokens, second.owned_by) == ("house-2", 99, "us")
    assert second.unsupported == {"stop"}
    assert catalogue.find("gpt-4o").id == "gpt-4o"
    with pytest.raises(UnknownModelError, match="house-3"):
        catalogue.find("house-3")


WRONG: list[Any] = [
    ("{", "not valid JSON"),
    ("[]", 'key "models" is missing. Write {"models": [{"id": "...", "like": "gpt-4o"}]}'),
    ({"models": [7]}, 'models[0]: needs an "id"'),
    (
        {"models": [{"id": "a", "like": "gpt-4O"}]},
        "models[0]: \"like\" names no model: 'gpt-4O'. Did you mean 'gpt-4'?",
    ),
    ({"models": [{"id": "a", "like": ["b"]}]}, 'models[0]: "like" names no model: ['),
    ({"models": [{"id": "a", "like": 7}]}, 'models[0]: "like" names no model: 7.'),
    (
        {"models": [{"id": "a", "like": "gpt-4o", "context_windw": 1}]},
        "models[0]: unknown key 'context_windw'. Did you mean 'context_window'?",
    ),
    ({"models": [{"id": "a", "like": "gpt-4o", "max_n": "many"}]}, "models[0]: key 'max_n': "),
    ({"models": [{"id": "a"}]}, 'Give it, or a "like".'),
]


@pytest.mark.parametrize(("content", "message"), WRONG)
def test_a_wrong_file_is_named_with_the_entry_the_key_and_what_to_do(
    tmp_path: Path, content: Any, message: str
) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(ValueError, match=r"models\.json") as wrong:
        Catalogue.load(path)
    assert str(wrong.value).startswith(path)
    assert message in str(wrong.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.json: cannot be read \(No such file or directory\)"):
        Catalogue.load(str(tmp_path / "nowhere.json"))


def _values(model: Model) -> dict[str, tuple[type, Any]]:
    return {one.name: (type(getattr(model, one.name)), getattr(model, one.name)) for one in fields(model)}


def test_built_in_models_are_the_same_as_if_a_file_had_them() -> None:
    models = BuiltIn()
    for name, made in models.items():
        judged = judge().validate_python({**models.attributes(name), "known": True})
        assert _values(made) == _values(judged)


def test_a_model_is_made_once() -> None:
    assert built_in()["gpt-4o"] is built_in()["gpt-4o"]
    assert "gpt-0" not in built_in()


def test_the_published_names_are_those_of_models_that_write_text() -> None:
    assert "gpt-4o" in model_ids()
    assert "o1-pro" in model_ids()
    assert "whisper-1" in built_in()
    assert "whisper-1" not in model_ids()
