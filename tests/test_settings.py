"""Settings from flags, variables and a file."""

import ast
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import pytest

import chatdouble
from chatdouble.server.backends import GROUP
from chatdouble.settings import Settings, SettingsError, load

PACKAGE: Final = Path(chatdouble.__file__).parent


def test_flags_win_over_variables_and_variables_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "double.toml"
    file.write_text('port = 1\nseed = 1\nhost = "::1"\napi-keys = ["a", "b"]\n')
    settings = load({"port": 3, "host": None}, {"CHATDOUBLE_PORT": "2", "CHATDOUBLE_SEED": "2"}, file)
    assert (settings.port, settings.seed, settings.host) == (3, 2, "::1")
    assert [key.get_secret_value() for key in settings.api_keys] == ["a", "b"]


def test_a_variable_lists_values_with_commas() -> None:
    settings = load({}, {"CHATDOUBLE_API_KEYS": "one, two,", "CHATDOUBLE_SCRIPTS": "a.yaml,b"})
    assert [key.get_secret_value() for key in settings.api_keys] == ["one", "two"]
    assert settings.scripts == (Path("a.yaml"), Path("b"))


def test_other_programs_variables_are_ignored() -> None:
    environ = {
        "CHATDOUBLE_PORT": "tcp://10.0.0.1:8000",
        "CHATDOUBLE_SERVICE_HOST": "10.0.0.1",
        "CHATDOUBLE_SERVICE_PORT_HTTP": "8000",
        "CHATDOUBLE_PORT_8000_TCP_PROTO": "tcp",
        "CHATDOUBLE_STAGING_SERVICE_PORT": "8000",
        "CHATDOUBLE_URL": "http://localhost:8000",
        "CHATDOUBLE_CONFIG": "double.toml",
        "CHATDOUBLE_SEED": "",
    }
    assert load({}, environ) == load({}, {})


@pytest.mark.parametrize(
    ("flags", "environ", "toml", "message"),
    [
        ({"port": "x"}, {}, "", "--port: input should be a valid integer"),
        ({"log_format": "x"}, {}, "", "--log-format: input should be 'human' or 'json'"),
        ({}, {"CHATDOUBLE_VALIDATION": "loose"}, "", "CHATDOUBLE_VALIDATION: input should be 'strict'"),
        ({}, {}, "prot = 1", "no such setting; did you mean port?"),
        ({}, {}, "port = [", "not TOML"),
        ({}, {}, f"port = {'9' * 5000}", "not TOML"),
        ({}, {}, f"a = {'[' * 5000}", "nested too deeply to read"),
        ({}, {"CHATDOUBLE_API_KEY": "x"}, "", "CHATDOUBLE_API_KEY: no such setting; did you mean CHATDOUBLE_API_KEYS?"),
        ({}, {"CHATDOUBLE_API_KEY": ""}, "", "CHATDOUBLE_API_KEY: no such setting; did you mean CHATDOUBLE_API_KEYS?"),
        ({}, {"CHATDOUBLE_ZZZ": "x"}, "", "CHATDOUBLE_ZZZ: no such setting"),
        ({}, {"CHATDOUBLE_PACE": "x"}, "", "CHATDOUBLE_PACE: pace has one entry per model, so only the configuration"),
        ({"validation": "strickt"}, {}, "", "'lenient' or 'off'; did you mean strict?"),
        ({"api_keys": [""]}, {}, "", "--api-keys: value should have at least 1 item"),
        ({"control_key": ""}, {}, "", "--control-key: value should have at least 1 item"),
        ({}, {}, "keep-alive = 5\nkeep_alive = 6", "double.toml:2: keep_alive: is the same setting as keep-alive"),
        ({"jitter": "much"}, {}, "", "--jitter: 'much' is not a jitter; use fixed, uniform:SHARE or lognormal:SIGMA"),
        ({}, {}, '[pace."gpt-4o"]\nttf = 1', "pace.gpt-4o.ttf: no such setting; did you mean ttft?"),
        ({}, {}, '[limits."gpt-4o"]\nrequests_per_day = 0', "limits.gpt-4o.requests_per_day: input should be greater"),
        ({}, {}, "[limits]\nrequests_per_day = 5", "limits.requests_per_day: input should be"),
    ],
)
def test_an_invalid_setting_is_named(
    tmp_path: Path, flags: dict[str, str], environ: dict[str, str], toml: str, message: str
) -> None:
    file = tmp_path / "double.toml"
    file.write_text(toml)
    with pytest.raises(SettingsError) as wrong:
        load(flags, environ, file)
    assert message in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_file_has_tables_of_models(tmp_path: Path) -> None:
    file = tmp_path / "double.toml"
    file.write_text('[pace."gpt-4o"]\nttft = 0.5\njitter = "lognormal:0.3"\n[limits.o3]\nquota_exhausted = true\n')
    settings = load({}, {}, file)
    assert settings.pace["gpt-4o"].jitter.distribution == "log_normal"
    assert settings.limits["o3"].quota_exhausted


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_mistake_of_a_file_has_its_line(tmp_path: Path, end: str) -> None:
    lines = [
        "# a comment",
        "prot = 1",
        "api-keys = [",
        '  "one",',
        "]",
        "seed = 'x'",
        'text = """',
        "host = 1",
        '"""',
        '[pace."gpt-4o"]',
        "ttf = 1",
        "[limits.o3]",
        "requests_per_day = 0",
    ]
    file = tmp_path / "double.toml"
    file.write_bytes(("\ufeff" + end.join(lines)).encode())
    with pytest.raises(SettingsError) as wrong:
        load({"port": "x", "seed": "1"}, {"CHATDOUBLE_SEDE": "1"}, file)
    assert [line.removeprefix(f"{file}:") for line in str(wrong.value).splitlines()] == [
        "--port: input should be a valid integer, unable to parse string as an integer",
        "CHATDOUBLE_SEDE: no such setting; did you mean CHATDOUBLE_SEED?",
        "2: prot: no such setting; did you mean port?",
        "6: seed: input should be a valid integer, unable to parse string as an integer",
        "7: text: no such setting",
        "11: pace.gpt-4o.ttf: no such setting; did you mean ttft?",
        "13: limits.o3.requests_per_day: input should be greater than 0",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: No such file"):
        load({}, {}, tmp_path / "none.toml")


def test_secrets_are_not_repeated() -> None:
    settings = load({"api_keys": ["sk-secret"], "control_key": "sk-control"}, {})
    assert "sk-secret" not in repr(settings)
    assert "sk-control" not in repr(settings)


def test_relayed_requests_are_validated_only_if_strict_was_set() -> None:
    upstream = {"upstream": "http://x/v1"}
    assert not load(upstream, {}).validates_relayed
    assert not load({**upstream, "validation": "off"}, {}).validates_relayed
    assert load({**upstream, "validation": "strict"}, {}).validates_relayed
    assert load(upstream, {"CHATDOUBLE_VALIDATION": "strict"}).validates_relayed


def test_no_backend_is_known_by_name() -> None:
    names = {point.name for point in entry_points(group=GROUP)} - {Settings().backend}
    assert names >= {"echo", "script", "upstream"}
    for file in (*(PACKAGE / "server").rglob("*.py"), PACKAGE / "settings.py"):
        texts = {node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)}
        assert texts.isdisjoint(names), file
