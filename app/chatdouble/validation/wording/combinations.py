"""The API's sentences about parameters that need or exclude each other, and those with checks of their own."""

from chatdouble.core.errors import APIError


def both_limits() -> APIError:
    """Return the error of `max_tokens` beside `max_completion_tokens` (rules#combinations)."""
    return APIError(
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        param="max_tokens",
        code="invalid_parameter_combination",
    )


def only_with(field: str, needed: str) -> APIError:
    """Return the error of a parameter without the switch that it needs (rules#combinations)."""
    return APIError(f"The '{field}' parameter is only allowed when '{needed}' is enabled.", param=field)


def only_with_list(field: str, needed: str) -> APIError:
    """Return the error of a parameter without the tools or functions that it needs (rules#combinations)."""
    return APIError(
        f"Invalid value for '{field}': '{field}' is only allowed when '{needed}' are specified.", param=field
    )


def no_function(chosen: str) -> APIError:
    """Return the error of a choice that names no tool; it names `function_call` for both (rules#combinations)."""
    return APIError(
        f"Invalid value for 'function_call': no function named '{chosen}' was specified in the 'functions' parameter.",
        param="function_call",
    )


def beside_prediction(field: str) -> APIError:
    """Return the error of a parameter that excludes `prediction` (rules#prediction)."""
    return APIError(
        f"Unsupported parameter: '{field}' is not supported when 'prediction' is used.",
        param=field,
        code="unsupported_parameter",
    )


def streamed_audio(chosen: str) -> APIError:
    """Return the error of an audio format that streams do not have (rules#combinations)."""
    return APIError(
        f"Unsupported value: 'audio.format' does not support '{chosen}' when stream=true. "
        "Supported values are: 'pcm16'.",
        param="audio.format",
        code="unsupported_value",
    )


def top_logprobs(most: int) -> APIError:
    """Return the error of more alternatives than a model shows (rules#limits)."""
    return APIError(f"Invalid value for 'top_logprobs': must be less than or equal to {most}.", param="top_logprobs")


def bias_key(token: str) -> APIError:
    """Return the error of a key of `logit_bias` that is not a token's number (rules#limits)."""
    return APIError(
        f"Invalid key in 'logit_bias': {token}. You should only be submitting non-negative integers.",
        param="logit_bias",
    )
