"""instructor: a response model in each of its modes, whole and in parts."""

import os
from collections.abc import Iterator

import instructor
import pytest
from openai import OpenAI
from pydantic import BaseModel, Field

ASKED = [{"role": "user", "content": "Plan a trip. Answer in JSON."}]


class Stop(BaseModel):
    """A place on the way."""

    town: str
    nights: int = Field(ge=1, le=14)


class Trip(BaseModel):
    """The type the model fills in."""

    title: str
    stops: list[Stop]


@pytest.fixture
def client() -> Iterator[OpenAI]:
    with OpenAI(base_url=os.environ["OPENAI_BASE_URL"], max_retries=0) as made:
        yield made


@pytest.mark.parametrize(
    "mode",
    [instructor.Mode.TOOLS, instructor.Mode.TOOLS_STRICT, instructor.Mode.JSON_SCHEMA],
    ids=lambda mode: mode.name,
)
def test_every_mode_that_gives_a_schema_gives_an_instance(client: OpenAI, mode: instructor.Mode) -> None:
    asking = instructor.from_openai(client, mode=mode)
    trip = asking.chat.completions.create(model="gpt-4o", messages=ASKED, response_model=Trip, max_retries=0)
    assert isinstance(trip, Trip)


def test_a_partial_grows_into_the_whole(client: OpenAI) -> None:
    asking = instructor.from_openai(client)
    grown = list(asking.chat.completions.create_partial(model="gpt-4o", messages=ASKED, response_model=Trip))
    assert len(grown) > 1
    Trip.model_validate(grown[-1].model_dump())
