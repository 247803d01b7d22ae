"""The sentences of the Responses API; those it shares with chat completions are in `chatdouble.validation.wording`."""

from collections.abc import Sequence
from typing import Final

from chatdouble.core.errors import APIError
from chatdouble.validation.wording import quoted

_REFERENCE: Final = "https://platform.openai.com/docs/api-reference/responses/create"
_FILES: Final = "https://platform.openai.com/docs/assistants/tools/file-search#supported-files"


def unknown_model(name: str) -> APIError:
    """Return the error of a model that does not exist (responses#models)."""
    return APIError(f"The requested model '{name}' does not exist.", param="model", code="model_not_found")


def unsupported_model(name: str) -> APIError:
    """Return the error of a model that other endpoints serve (responses#models)."""
    return APIError(
        f"The requested model '{name}' is not supported with the Responses API.", param="model", code="model_not_found"
    )


def model_not_found(name: str) -> APIError:
    """Return the error of a model that does not write texts in turns (responses#models)."""
    return APIError(f"The requested model, '{name}' was not found.", param="model", code="model_not_found")


def nothing_to_answer() -> APIError:
    """Return the error of an empty input (responses#input)."""
    return APIError(
        "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.",
        code="missing_required_parameter",
    )


def moved(name: str, place: str) -> APIError:
    """Return the error of a parameter of chat completions that has another name here (responses#moved)."""
    return APIError(
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to '{place}'. Try again with "
        f"the new parameter. See the API documentation for more information: {_REFERENCE}.",
        code="unsupported_parameter",
    )


def wrong_prefix(path: str, value: str, prefix: str) -> APIError:
    """Return the error of an id that is of something else (responses#ids)."""
    return APIError(
        f"Invalid '{path}': '{value}'. Expected an ID that begins with '{prefix}'.", param=path, code="invalid_value"
    )


def wrong_characters(path: str, value: str) -> APIError:
    """Return the error of an id that no id can be (responses#ids)."""
    return APIError(
        f"Invalid '{path}': '{value}'. Expected an ID that contains letters, numbers, underscores, or dashes, but this "
        "value contained additional characters.",
        param=path,
        code="invalid_value",
    )


def unsupported(name: str) -> APIError:
    """Return the error of a parameter that a reasoning model does not support; it has no code (responses#models)."""
    return APIError(f"Unsupported parameter: '{name}' is not supported with this model.", param=name)


def unsupported_value(path: str, value: str, model: str, supported: Sequence[str]) -> APIError:
    """Return the error of a value that a model does not support (responses#models)."""
    return APIError(
        f"Unsupported value: '{value}' is not supported with the '{model}' model. "
        f"Supported values are: {quoted(supported)}.",
        param=path,
        code="unsupported_value",
    )


def no_logprobs(param: str) -> APIError:
    """Return the error of log probabilities of a model that reasons (responses#models)."""
    return APIError("logprobs are not supported with reasoning models.", param=param, code="unsupported_parameter")


def no_encrypted_content() -> APIError:
    """Return the error of encrypted reasoning of a model that does not reason (responses#models)."""
    return APIError("Encrypted content is not supported with this model.", param="include")


def hosted_tool(kind: str, model: str) -> APIError:
    """Return the error of a hosted tool that a model does not have (responses#models)."""
    return APIError(f"Hosted tool '{kind}' is not supported with {model}.", param="tools")


def no_research() -> APIError:
    """Return the error of a research model that has nothing to search in (responses#models)."""
    return APIError(
        "Deep research models require at least one of 'web_search_preview', 'mcp', or 'file_search' tools.",
        param="tools",
    )


def not_for_research() -> APIError:
    """Return the error of a tool that a research model does not take (responses#models)."""
    return APIError(
        "Deep research models only support the 'web_search_preview', 'code_interpreter', 'mcp', and 'file_search' "
        "tools.",
        param="tools",
    )


def unsupported_format(kind: str, model: str) -> APIError:
    """Return the error of a text format that a model does not have (responses#models)."""
    return APIError(
        f"Invalid parameter: 'text.format' of type '{kind}' is not supported with model version `{model}`.",
        param="text.format",
    )


def word_json() -> APIError:
    """Return the error of JSON mode without the word in the input (responses#formats)."""
    return APIError(
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
        param="input",
    )


def search_in_json_mode() -> APIError:
    """Return the error of a web search in JSON mode (responses#formats)."""
    return APIError("Web Search cannot be used with JSON mode.")


def wrong_file_type(path: str, kind: str) -> APIError:
    """Return the error of a file that is neither a text nor a document (responses#files)."""
    return APIError(
        f"Invalid file data: '{path}'. Expected a base64-encoded data URL with a valid file MIME type "
        f"(e.g. 'data:text/plain;base64,SGVsbG8sIFdvcmxkIQ=='), but got unsupported MIME type '{kind}'. "
        f"Please see {_FILES} for supported file types.",
        param=path,
        code="invalid_value",
    )


def only_pdf() -> APIError:
    """Return the error of a file that an older model does not read (responses#files)."""
    return APIError(
        "The file type you uploaded is not supported. Please try again with a pdf",
        param="input",
        code="unsupported_file",
    )


def no_download(url: str) -> APIError:
    """Return the error of a file's URL that is no address (responses#files)."""
    return APIError(f"Failed to download file from {url}.", param="url", code="invalid_value")


def too_long_input() -> APIError:
    """Return the error of an input that does not fit into the context (responses#context)."""
    return APIError(
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        param="input",
        code="context_length_exceeded",
    )


def cache_retention(kept: str) -> APIError:
    """Return the error of a cache retention that a model does not have (responses#models)."""
    return APIError(
        f"This model is compatible only with {kept} extended prompt caching",
        param="prompt_cache_retention",
        code="invalid_parameter",
    )


def no_call(call_id: str) -> APIError:
    """Return the error of an output whose call is nowhere (responses#conversation)."""
    return APIError(f"No tool call found for function call output with call_id {call_id}.", param="input")


def no_output(kind: str, call_id: str) -> APIError:
    """Return the error of a call that nothing answers (responses#conversation)."""
    return APIError(f"No tool output found for {kind} {call_id}.", param="input")


def reasoning_left_out(item_id: str, kind: str, reasoning_id: str) -> APIError:
    """Return the error of an item that was made after a reasoning item and comes without it."""
    return APIError(
        f"Item '{item_id}' of type '{kind}' was provided without its required 'reasoning' item: '{reasoning_id}'.",
        param="input",
    )


def reasoning_alone(item_id: str) -> APIError:
    """Return the error of a reasoning item that nothing follows (responses#conversation)."""
    return APIError(
        f"Item '{item_id}' of type 'reasoning' was provided without its required following item.", param="input"
    )


def duplicate(item_id: str) -> APIError:
    """Return the error of an item that is in the conversation twice (responses#conversation)."""
    return APIError(
        f"Duplicate item found with id {item_id}. Remove duplicate items from your input and try again.", param="input"
    )


def item_not_found(item_id: str) -> APIError:
    """Return the error of an item that is not stored (responses#state)."""
    return APIError(
        f"Item with id '{item_id}' not found. Items are not persisted when `store` is set to false. Try again with "
        "`store` set to true, or remove this item from your input.",
        status=404,
        param="input",
    )


def previous_not_found(response_id: str) -> APIError:
    """Return the error of an earlier response that is not stored (responses#state)."""
    return APIError(
        f"Previous response with id '{response_id}' not found.",
        param="previous_response_id",
        code="previous_response_not_found",
    )


def not_found(kind: str, found_id: str) -> APIError:
    """Return the 404 of a response, conversation or prompt (responses#state)."""
    return APIError(f"{kind} with id '{found_id}' not found.", status=404)


def conversation_locked() -> APIError:
    """Return the error of a conversation that another request is using (responses#state)."""
    return APIError(
        "Another process is currently operating on this conversation. Please retry in a few seconds.",
        param="conversation",
        code="conversation_locked",
    )


def not_in_background() -> APIError:
    """Return the error of cancelling a response that does not run in the background (responses#routes)."""
    return APIError("Cannot cancel a synchronous response.")


def both_given() -> APIError:
    """Return the error of a conversation beside an earlier response (responses#state)."""
    return APIError(
        "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'previous_response_id' or "
        "'conversation'.",
        code="mutually_exclusive_parameters",
    )
