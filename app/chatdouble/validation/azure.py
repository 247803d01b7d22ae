"""Azure's own errors, which clients get on its paths in place of the API's (errors#azure)."""

from typing import Any, Final
from urllib.parse import parse_qs

from chatdouble.core.errors import APIError

_KEY: Final = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource."
)
_DEPLOYMENT: Final = (
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
    "please wait a moment and try again."
)
_KEY_ERRORS: Final = ("Incorrect API key provided: ", "You didn't provide an API key.")
"""The beginnings of the API's messages about keys; a script may give a 401 other words."""


class AzureError(APIError):
    """An error of Azure's gateway: a code and a message, and nothing else."""

    def envelope(self) -> Any:
        """Return the body of the error response."""
        return {"error": {"code": self.code, "message": self.message}}


def resource_not_found() -> AzureError:
    """Return the error of a path, or of a version of the API, that Azure does not have."""
    return AzureError("Resource not found", status=404, code="404")


def names_version(query: bytes) -> bool:
    """Tell whether a query names the version of the API, which Azure's paths need but those below /openai/v1."""
    return any(parse_qs(query.decode("latin-1")).get("api-version", ()))


def on_azure(error: APIError) -> APIError:
    """Return the error that Azure sends in place of one of the API's."""
    if error.status == _UNAUTHORIZED and error.message.startswith(_KEY_ERRORS):
        return AzureError(_KEY, status=_UNAUTHORIZED, code="401").with_headers(error.headers)
    if error.code == "model_not_found":
        return AzureError(_DEPLOYMENT, status=404, code="DeploymentNotFound").with_headers(error.headers)
    return error


_UNAUTHORIZED: Final = 401
