"""Settings from flags, variables and a file."""

from pathlib import Path

import pytest

from chatdouble.settings import SettingsError, load


def test_flags_win_over_variables_and_variables_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "double.toml"
    file.write_text('port = 1\nseed = 1\nhost = "::1"\napi-keys = ["a", "b"]\n')
    settings = load({"port": 3, "host": None}, {"CHATDOUBLE_PORT": "2", "CHATDOUBLE_SEED": "2"}, file)
    assert (settings.port, settings.seed, settings.host) == (3, 2, "::1")
    assert [key.get_secret_value() for key in settings.api_keys] == ["a", "b"]


def test_variables_list_with_commas() -> None:
    settings = load({}, {"CHATDOUBLE_API_KEYS": "one, two,", "CHATDOUBLE_SCRIPTS": "a.yaml,b"})
    assert [key.get_secret_value() for key in settings.api_keys] == ["one", "two"]
    assert settings.scripts == (Path("a.yaml"), Path("b"))


def test_other_peoples_variables_are_left_alone() -> None:
    environ = {
        "CHATDOUBLE_PORT": "tcp://10.0.0.1:8000",
        "CHATDOUBLE_SERVICE_HOST": "10.0.0.1",
        "CHATDOUBLE_SEED": "",
    }
    assert load({}, environ) == load({}, {})


@pytest.mark.parametrize(
    ("flags", "environ", "toml", "said"),
    [
        ({"port": "x"}, {}, "", "--port: input should be a valid integer"),
        ({"on_miss": "x"}, {}, "", "--on-miss: input should be 'error', 'echo' or 'upstream'"),
        ({}, {"CHATDOUBLE_VALIDATION": "loose"}, "", "CHATDOUBLE_VALIDATION: input should be 'strict'"),
        ({}, {}, "prot = 1", "no such setting; did you mean port?"),
        ({}, {}, "port = [", "not TOML"),
        ({"jitter": "much"}, {}, "", "--jitter: 'much' is not a jitter; use fixed, uniform:SHARE or lognormal:SIGMA"),
        ({}, {}, '[pace."gpt-4o"]\nttf = 1', "pace.gpt-4o.ttf: no such setting; did you mean ttft?"),
        ({}, {}, '[limits."gpt-4o"]\nrequests_per_day = 0', "limits.gpt-4o.requests_per_day: input should be greater"),
        ({}, {}, "[limits]\nrequests_per_day = 5", "limits.requests_per_day: input should be"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, flags: dict[str, str], environ: dict[str, str], toml: str, said: str
) -> None:
    file = tmp_path / "double.toml"
    file.write_text(toml)
    with pytest.raises(SettingsError) as wrong:
        load(flags, environ, file)
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_file_has_tables_of_models(tmp_path: Path) -> None:
    file = tmp_path / "double.toml"
    file.write_text('[pace."gpt-4o"]\nttft = 0.5\njitter = "lognormal:0.3"\n[limits.o3]\nquota_exhausted = true\n')
    settings = load({}, {"CHATDOUBLE_PACE": "not read", "CHATDOUBLE_LIMITS": "not read"}, file)
    assert settings.pace["gpt-4o"].jitter.distribution == "log_normal"
    assert settings.limits["o3"].quota_exhausted


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: No such file"):
        load({}, {}, tmp_path / "none.toml")


def test_secrets_are_not_repeated() -> None:
    settings = load({"api_keys": ["sk-secret"], "control_key": "sk-control"}, {})
    assert "sk-secret" not in repr(settings)
    assert "sk-control" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "echo"),
        ({"scripts": ["a.yaml"]}, "script"),
        ({"scripts": ["a.yaml"], "backend": "echo"}, "echo"),
        ({"upstream": "http://127.0.0.1:9/v1"}, "upstream"),
    ],
)
def test_the_backend_follows_from_what_is_given(given: dict[str, object], name: str) -> None:
    assert load(given, {}).backend_name == name


def test_an_empty_folder_of_scripts_implies_nothing(tmp_path: Path) -> None:
    assert load({"scripts": [tmp_path]}, {}).backend_name == "echo"
    (tmp_path / "one.yaml").write_text("rules: []")
    assert load({"scripts": [tmp_path]}, {}).backend_name == "script"


def test_an_upstream_judges_requests_unless_strict_was_asked_for() -> None:
    upstream = {"upstream": "http://x/v1", "mode": "pass"}
    assert load(upstream, {}).upstream_mode == "pass"
    assert load({**upstream, "validation": "off"}, {}).upstream_mode == "pass"
    assert load({**upstream, "validation": "strict"}, {}).upstream_mode is None
    assert load(upstream, {"CHATDOUBLE_VALIDATION": "strict"}).upstream_mode is None
    assert load({"recordings": "folder"}, {}).upstream_mode == "replay"
    assert load({**upstream, "backend": "echo"}, {}).upstream_mode is None
