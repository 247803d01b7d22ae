"""The API's path with and without prefixes, and on Azure."""

import pytest

from chatdouble.core.paths import RequestPath, request_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/chat/completions", RequestPath("/chat/completions")),
        ("/chat/completions", RequestPath("/chat/completions")),
        ("/openai/v1/chat/completions", RequestPath("/chat/completions", azure="v1")),
        ("/a/b/v1/models/gpt-4o", RequestPath("/models/gpt-4o")),
        ("/api/v1/models/ft:gpt-4o:org::1", RequestPath("/models/ft:gpt-4o:org::1")),
        ("/v1/chat/completions/chatcmpl-1/messages", RequestPath("/chat/completions/chatcmpl-1/messages")),
        ("/openai/deployments/my%20one/chat/completions", RequestPath("/chat/completions", "my one", azure="dated")),
        ("/azure/openai/deployments/one/chat/completions", RequestPath("/chat/completions", "one", azure="dated")),
        ("/v2/chat/completions", RequestPath("/v2/chat/completions")),
        ("/v1/chat/completions/", RequestPath("/v1/chat/completions/")),
        ("/v1//chat/completions", RequestPath("/v1//chat/completions")),
        ("/v1/files", RequestPath("/v1/files")),
        ("/openai/v1/responses", RequestPath("/responses", azure="v1")),
        ("/openai/responses", RequestPath("/responses", azure="dated")),
        ("/openai/models/gpt-4o", RequestPath("/models/gpt-4o", azure="dated")),
        ("/openai/chat/completions", RequestPath("/openai/chat/completions")),
        ("/v1/responses/resp_1/cancel", RequestPath("/responses/resp_1/cancel")),
        ("/v1/chat/completionsx", RequestPath("/v1/chat/completionsx")),
        ("/", RequestPath("/")),
    ],
)
def test_the_api_path_is_found_behind_prefixes(path: str, expected: RequestPath) -> None:
    assert request_path(path) == expected
