"""The API's sentences about a request as a whole: its address, its key, its type, its size, its JSON."""

from chatdouble.core.errors import APIError


def unreadable() -> APIError:
    """Return the error of a body that is not a JSON object (errors#parsing)."""
    return APIError(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
        "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you "
        "have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)"
    )


def content_type(given: str) -> APIError:
    """Return the error of a content type other than JSON (errors#parsing)."""
    return APIError(
        f"Unsupported content type: '{given}'. This API method only accepts 'application/json' requests, but you "
        f"specified the header 'Content-Type: {given}'. Please try again with a supported content type.",
        code="unsupported_content_type",
    )


def too_large(limit: int, size: int) -> APIError:
    """Return the error of a body of too many bytes (errors#statuses)."""
    return APIError(
        f"Maximum content size limit ({limit}) exceeded ({size} bytes read)", status=413, type="server_error"
    )


def no_room(most: int) -> APIError:
    """Return this server's own error of a body that finds no room beside others (errors#statuses)."""
    return APIError(
        f"The bodies of other requests take all of the {most} bytes that this server has for long ones; try again.",
        status=503,
        type="service_unavailable_error",
        code="server_is_overloaded",
    )


def too_many_values(limit: str) -> APIError:
    """Return this server's own error of a body of too many values."""
    return APIError(f"The body is {limit}.", code="body_too_large")


def transfer_encoding(coding: str) -> APIError:
    """Return the error of a body that is encoded for its transfer in another way than in chunks (RFC 9112, 6.1)."""
    return APIError(f"Unsupported transfer encoding: '{coding}'.", status=501, code="unsupported_transfer_encoding")


def no_key() -> APIError:
    """Return the error of a request without a key (errors#keys)."""
    return APIError(
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
        "auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're "
        "accessing the API from your browser and are prompted for a username and password. You can obtain an API key "
        "from https://platform.openai.com/account/api-keys.",
        status=401,
    )


def invalid_method(method: str, path: str) -> APIError:
    """Return the error of a method that an address does not have (endpoints#unknown-paths)."""
    return APIError(f"Invalid method for URL ({method} {path})", status=405)


def invalid_url(method: str, path: str) -> APIError:
    """Return the error of an address below /v1 that the API does not have (endpoints#unknown-paths)."""
    return APIError(f"Invalid URL ({method} {path})", status=404)


def unknown_url(method: str, path: str) -> APIError:
    """Return the error of any other address (endpoints#unknown-paths)."""
    return APIError(
        f"Unknown request URL: {method} {path}. Please check the URL for typos, or see the docs at "
        "https://platform.openai.com/docs/api-reference/.",
        status=404,
        code="unknown_url",
    )


def no_completion(completion: str) -> APIError:
    """Return the error of a completion that was not stored (endpoints#stored)."""
    return APIError(f"Completion {completion} not found", status=404, param="completion_id", code="not_found")


def insufficient_permissions() -> APIError:
    """Return the error of a key that may not do this (errors#statuses)."""
    return APIError("You have insufficient permissions for this operation.")


def not_processed() -> APIError:
    """Return the error of a status for which the API's own words are not known (errors#statuses)."""
    return APIError("Your request could not be processed.")
