"""Texts and numbers that suit the names of their properties."""

import re
from typing import Any

import pytest

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("email", r"^\S+@\S+\.\w+$"),
        ("customerEmail", r"^\S+@\S+\.\w+$"),
        ("website_url", r"^https://"),
        ("first_name", r"^[A-Z][a-z]+$"),
        ("author", r"^[A-Z]\S+ [A-Z]\S+$"),
        ("country_code", r"^[A-Z]{2}$"),
        ("currency", r"^[A-Z]{3}$"),
        ("birthday", r"^\d{4}-\d{2}-\d{2}$"),
        ("createdAt", r"^\d{4}-\d{2}-\d{2}T.*Z$"),
        ("ip_address", r"^192\.0\.2\.\d+$"),
        ("postal code", r"^\d{5}$"),
        ("hex_color", r"^#[0-9a-f]{6}$"),
        ("summary", r"^[A-Z].*\.$"),
        ("uuid", r"^[0-9a-f]{8}-"),
    ],
)
def test_a_string_suits_the_name_of_its_property(name: str, pattern: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "string"}}}
    for seed in range(5):
        assert re.search(pattern, instance(schema, Chance(str(seed)))[name])


def test_a_string_suits_the_description_if_the_name_is_not_known() -> None:
    schema = {"properties": {"value": {"type": "string", "description": "The user's email address"}}}
    assert "@" in instance(schema, Chance("seed"))["value"]


def test_the_items_of_a_list_suit_its_name() -> None:
    schema = {"properties": {"emails": {"type": "array", "items": {"type": "string"}}}}
    assert all("@" in one for one in instance(schema, Chance("seed"))["emails"])


@pytest.mark.parametrize(
    ("name", "low", "high"), [("age", 18, 80), ("rating", 1, 5), ("year", 1990, 2030), ("confidence", 0, 1)]
)
def test_a_number_suits_the_name_of_its_property(name: str, low: int, high: int) -> None:
    schema: dict[str, Any] = {"properties": {name: {"type": "number"}}}
    assert low <= instance(schema, Chance("seed"))[name] <= high


def test_bounds_take_precedence_over_the_name() -> None:
    schema = {"properties": {"age": {"type": "integer", "minimum": 1000}, "email": {"type": "string", "maxLength": 4}}}
    value = instance(schema, Chance("seed"))
    assert value["age"] >= 1000
    assert len(value["email"]) <= 4
