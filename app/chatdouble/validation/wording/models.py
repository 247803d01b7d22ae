"""The API's sentences about models: those that it does not serve, and what a model does not do."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from chatdouble.catalogue.catalogue import UnknownModelError
from chatdouble.catalogue.model import Endpoint
from chatdouble.core.errors import APIError

_NOT_CHAT: Final = (
    "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
    "Did you mean to use v1/completions?"
)
_ELSEWHERE: Final = MappingProxyType[Endpoint, str](
    {
        "responses": "This model is only supported in v1/responses and not in v1/chat/completions.",
        "completions": _NOT_CHAT,
        "embeddings": _NOT_CHAT,
        "moderations": _NOT_CHAT,
        "other": _NOT_CHAT,
    }
)


def unnamed() -> APIError:
    """Return the error of a request that names no model (errors#sentences)."""
    return APIError("you must provide a model parameter")


def unserved(error: UnknownModelError) -> APIError:
    """Return the error of a model that does not exist, or exists no more (errors#models).

    A name with a space is no name of a model.
    """
    if error.is_deprecated:
        message = (
            f"The model `{error.name}` has been deprecated, learn more here: "
            "https://platform.openai.com/docs/deprecations"
        )
    elif any(map(str.isspace, error.name)):
        return APIError("invalid model ID")
    else:
        message = f"The model `{error.name}` does not exist or you do not have access to it."
    return APIError(message, status=404, code="model_not_found")


def not_listed(name: str) -> APIError:
    """Return the error of a model that GET and DELETE /models do not find (endpoints#models)."""
    return APIError(f"The model '{name}' does not exist", status=404, param="model", code="model_not_found")


def not_deletable(name: str) -> APIError:
    """Return the error of DELETE /models for a model of others (endpoints#models)."""
    return APIError(f"You do not have permission to delete the model '{name}'", status=403)


def elsewhere(endpoint: Endpoint) -> APIError:
    """Return the error of a model of an endpoint other than /chat/completions (errors#models)."""
    return APIError(_ELSEWHERE[endpoint], status=404, param="model")


def no_logprobs() -> APIError:
    """Return the error of `logprobs` for a model without them (errors#unsupported)."""
    return APIError("This model does not support the 'logprobs' parameter.", param="logprobs")


def forbidden_logprobs() -> APIError:
    """Return the error of `logprobs` for a model that keeps them to itself (errors#unsupported)."""
    return APIError("You are not allowed to request logprobs from this model", status=403)


def incompatible(names: Sequence[str]) -> APIError:
    """Return the error of parameters that a search model does not have (errors#unsupported)."""
    arguments = "argument" if len(names) == 1 else "arguments"
    return APIError(f"Model incompatible request {arguments} supplied: {', '.join(names)}")


def one_retention(kept: str) -> APIError:
    """Return the error of another cache retention than the model's (rules#model-rules)."""
    return APIError(
        f"This model is compatible only with {kept} extended prompt caching", param="prompt_cache_retention"
    )


def no_retention() -> APIError:
    """Return the error of a cache retention for a model without any (rules#model-rules)."""
    return APIError("prompt_cache_retention is not supported on this model", param="prompt_cache_retention")


def no_search() -> APIError:
    """Return the error of `web_search_options` for a model that does not search (rules#model-rules)."""
    return APIError("Web search options not supported with this model.", param="web_search_options")


def no_tools() -> APIError:
    """Return the error of tools for a model that takes none (errors#unsupported)."""
    return APIError(
        "tools is not supported in this model. For a list of supported models, refer to "
        "https://platform.openai.com/docs/guides/function-calling#models-supporting-function-calling.",
        status=404,
    )


def tools_with_effort(model: str, instead: str) -> APIError:
    """Return the error of function tools for a model that reasons (rules#function-tools-with-reasoning).

    Args:
        model: The name of the model.
        instead: The sentence that says what else to do.
    """
    return APIError(
        f"Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. {instead}",
        param="reasoning_effort",
    )


def no_schemas() -> APIError:
    """Return the error of a schema for a model that follows none (rules#response-formats)."""
    return APIError(
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. "
        "Learn more about supported models at the Structured Outputs guide: "
        "https://platform.openai.com/docs/guides/structured-outputs"
    )


def no_json_object() -> APIError:
    """Return the error of `json_object` for a model that does not have it (rules#response-formats)."""
    return APIError(
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
        param="response_format",
    )


def no_json_with_search() -> APIError:
    """Return the error of `json_object` for a model that always searches (rules#response-formats)."""
    return APIError("Response format 'json_object' is not supported with web_search.", param="response_format")


def only_sound() -> APIError:
    """Return the error of a request without sound for an audio model (rules#combinations)."""
    return APIError(
        "This model requires that either input content or output modality contain audio.",
        param="model",
        code="invalid_value",
    )


def too_much_output(asked: int, most: int) -> APIError:
    """Return the error of more tokens than a model writes; `param` is max_tokens for both fields (rules#limits)."""
    return APIError(
        f"max_tokens is too large: {asked}. This model supports at most {most} completion tokens, "
        f"whereas you provided {asked}.",
        param="max_tokens",
        code="invalid_value",
    )
