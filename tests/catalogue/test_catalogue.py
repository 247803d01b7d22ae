"""Models found by name (models#snapshots, errors#models)."""

from datetime import UTC, date, datetime

import pytest

from chatdouble.catalogue.catalogue import Catalogue, UnknownModelError
from chatdouble.validation.wording.models import unserved

ANY = Catalogue.load("any")
STRICT = Catalogue.load("strict")


@pytest.mark.parametrize(
    ("name", "snapshot"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"),
        ("gpt-4", "gpt-4-0613"),
        ("gpt-4-turbo-preview", "gpt-4-0125-preview"),
        ("gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
        ("gpt-5-mini", "gpt-5-mini-2025-08-07"),
        ("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17"),
        ("gpt-5.6-terra", "gpt-5.6-terra"),
        ("o4-mini", "o4-mini-2025-04-16"),
        ("gpt-audio-mini", "gpt-audio-mini-2025-12-15"),
        ("gpt-4o-search-preview", "gpt-4o-search-preview-2025-03-11"),
        ("gpt-4-vision-preview", "gpt-4-1106-vision-preview"),
    ],
)
def test_an_alias_answers_as_its_snapshot(name: str, snapshot: str) -> None:
    assert ANY.find(name).snapshot == snapshot


def test_every_model_is_the_one_that_was_asked_for() -> None:
    for model in STRICT.all():
        found = STRICT.find(model.id)
        assert (found.id, found.known) == (model.id, True)
        assert ANY.find(model.snapshot).snapshot == model.snapshot
        assert model.max_output_tokens <= model.context_window
        assert model.default_effort is None or model.default_effort in model.efforts


def test_a_name_nobody_knows_is_a_current_general_model_unless_strict() -> None:
    model = ANY.find("my-model")
    assert (model.id, model.snapshot, model.known, model.efforts) == ("my-model", "my-model", False, ())
    assert model.unsupported == model.unknown == frozenset()
    with pytest.raises(UnknownModelError) as refused:
        STRICT.find("my-model")
    error = unserved(refused.value)
    assert error.status == 404
    assert error.envelope()["error"] == {
        "message": "The model `my-model` does not exist or you do not have access to it.",
        "type": "invalid_request_error",
        "param": None,
        "code": "model_not_found",
    }


DAY_BEFORE = datetime(2027, 1, 13, 23, 59, 59, tzinfo=UTC).timestamp()
LAST_DAY = DAY_BEFORE + 1


def test_a_model_is_served_until_the_day_of_its_shutdown() -> None:
    assert STRICT.find("gpt-4o", DAY_BEFORE).shutdown_date == date(2027, 1, 14)
    assert STRICT.get("gpt-4o", DAY_BEFORE) in STRICT.all(DAY_BEFORE)
    assert STRICT.get("gpt-4o", LAST_DAY) is None
    assert "gpt-4o" not in {model.id for model in ANY.all(LAST_DAY)}
    with pytest.raises(UnknownModelError) as refused:
        STRICT.find("gpt-4o", LAST_DAY)
    error = unserved(refused.value)
    assert (error.status, error.code) == (404, "model_not_found")
    assert error.message == (
        "The model `gpt-4o` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations"
    )


def test_a_catalogue_that_is_not_strict_answers_for_a_model_that_was_shut_down() -> None:
    assert ANY.find("gpt-4o", LAST_DAY).shut_down_at <= LAST_DAY
    assert ANY.find("gpt-5.4-mini", LAST_DAY).shut_down_at > LAST_DAY
    assert ANY.find("my-model", LAST_DAY).shut_down_at > LAST_DAY


def test_a_snapshot_has_its_own_day() -> None:
    assert STRICT.find("gpt-4o-2024-05-13").shutdown_date == date(2026, 10, 23)
    assert STRICT.find("gpt-4o-2024-11-20").shutdown_date == date(2027, 1, 14)
    assert STRICT.find("gpt-5.4").shutdown_date is None


def test_a_fine_tuned_model_goes_with_its_base() -> None:
    assert STRICT.get("ft:gpt-4o-mini-2024-07-18:acme::8aBcD", LAST_DAY) is None


def test_a_name_with_a_space_is_no_model_s() -> None:
    with pytest.raises(UnknownModelError) as refused:
        STRICT.find("bad model")
    error = unserved(refused.value)
    assert (error.status, error.message, error.code) == (400, "invalid model ID", None)
    assert not ANY.find("bad model").known


def test_a_fine_tuned_model_has_its_base_s_manners() -> None:
    name = "ft:gpt-4o-mini-2024-07-18:acme::8aBcD"
    model, base = STRICT.find(name), STRICT.find("gpt-4o-mini-2024-07-18")
    assert (model.id, model.snapshot, model.owned_by, model.known) == (name, name, "acme", True)
    assert (model.context_window, model.json_schema) == (base.context_window, base.json_schema)
    with pytest.raises(UnknownModelError) as refused:
        STRICT.find("ft:nobody:acme::8aBcD")
    assert "does not exist" in unserved(refused.value).message
    assert not ANY.find("ft:nobody").known


@pytest.mark.parametrize("name", ["my-own-model", "ft:gpt-4.1-mini-2025-04-14:acme::1"])
def test_the_same_name_is_the_same_model(name: str) -> None:
    catalogue = Catalogue.load("any")
    assert catalogue.find(name) is catalogue.find(name)
    assert Catalogue.load("any").find(name) is not catalogue.find(name)


def test_what_is_known_of_a_model_does_not_depend_on_who_serves_it() -> None:
    assert STRICT.like("gpt-4o").context_window == ANY.like("gpt-4o").context_window == 128_000
    assert (STRICT.like("my-model").id, STRICT.like("my-model").known) == ("my-model", False)
    assert STRICT.like("x" * 2000).id == "x" * 2000
