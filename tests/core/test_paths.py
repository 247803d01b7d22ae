"""Paths of the API: with and without prefixes, and on Azure."""

import pytest

from chatdouble.core.paths import Place, place_of


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/chat/completions", Place("/chat/completions")),
        ("/chat/completions", Place("/chat/completions")),
        ("/openai/v1/chat/completions", Place("/chat/completions")),
        ("/a/b/v1/models/gpt-4o", Place("/models/gpt-4o")),
        ("/api/v1/models/ft:gpt-4o:org::1", Place("/models/ft:gpt-4o:org::1")),
        ("/v1/chat/completions/chatcmpl-1/messages", Place("/chat/completions/chatcmpl-1/messages")),
        ("/openai/deployments/my%20one/chat/completions", Place("/chat/completions", "my one")),
        ("/azure/openai/deployments/gpt-4o/chat/completions", Place("/chat/completions", "gpt-4o")),
        ("/v2/chat/completions", Place("/v2/chat/completions")),
        ("/v1/chat/completions/", Place("/v1/chat/completions/")),
        ("/v1//chat/completions", Place("/v1//chat/completions")),
        ("/v1/responses", Place("/v1/responses")),
        ("/v1/chat/completionsx", Place("/v1/chat/completionsx")),
        ("/", Place("/")),
    ],
)
def test_the_api_is_found_behind_prefixes(path: str, place: Place) -> None:
    assert place_of(path) == place
