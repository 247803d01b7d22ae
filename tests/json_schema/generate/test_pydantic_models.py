"""Instances of the schemas of pydantic models are valid for the models."""

import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, RootModel, TypeAdapter

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance
from random_schemas import faults


class Colour(Enum):
    """Values."""

    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    """Patterns."""

    street: str
    city: str
    zip_code: Annotated[str, Field(pattern=r"^\d{5}$")]


class Person(BaseModel):
    """Every kind of field."""

    first_name: str
    email: str | None
    age: Annotated[int, Field(ge=0, lt=150)]
    addresses: Annotated[list[Address], Field(min_length=2, max_length=4)]
    colour: Colour
    born: date
    seen: datetime
    id: UUID
    host: IPv4Address
    price: Annotated[Decimal, Field(gt=0, le=100)]
    tags: set[Literal["a", "b", "c"]]
    place: tuple[float, float]
    counts: dict[str, int]


class Tree(BaseModel):
    """A recursion."""

    name: str
    children: list["Tree"]
    parent: "Tree | None"


class Cat(BaseModel):
    """One way of a union."""

    kind: Literal["cat"]
    lives: Annotated[int, Field(multiple_of=3, ge=1, le=9)]


class Dog(BaseModel):
    """The other way, recursive."""

    kind: Literal["dog"]
    friends: list["Cat | Dog"]


class Pets(RootModel[list[Annotated[Cat | Dog, Field(discriminator="kind")]]]):
    """A root that is a list."""


class Add(BaseModel):
    """Two models that need each other."""

    left: "Add | Lit"
    right: "Add | Lit"


class Lit(BaseModel):
    """The way out."""

    value: Annotated[float, Field(multiple_of=0.1)]


@pytest.mark.parametrize("model", [Address, Person, Tree, Pets, Add, Lit, list[Person], dict[str, Tree]], ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_an_instance_of_a_models_schema_is_valid_for_the_model(model: Any, seed: int) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    schema = adapter.json_schema()
    value = instance(schema, Chance(str(seed)))
    assert faults(schema, value) == []
    adapter.validate_json(json.dumps(value))


def test_instances_of_a_recursive_model_are_small() -> None:
    schema = TypeAdapter(Tree).json_schema()
    assert all(len(json.dumps(instance(schema, Chance(str(seed))))) < 30_000 for seed in range(10))
