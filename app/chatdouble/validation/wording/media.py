"""The API's sentences about images, audio and files (errors#media)."""

from typing import Final

from chatdouble.core.errors import APIError

_IMAGE_EXAMPLE: Final = "data:image/png;base64,aW1nIGJ5dGVzIGhlcmU="
_PDF_EXAMPLE: Final = "data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=="


def no_images_but_sound(place: int) -> APIError:
    """Return the error of an image for an audio model."""
    return APIError(
        "This model does not support image_url content.", param=f"messages[{place}].content", code="invalid_value"
    )


def no_images(place: int, part: int) -> APIError:
    """Return the error of an image for any other model that reads none."""
    return APIError(
        "Invalid content type. image_url is only supported by certain models.",
        param=f"messages.[{place}].content.[{part}].type",
    )


def no_files(path: str) -> APIError:
    """Return the error of a file for a model that reads none."""
    return APIError(
        "Invalid Value: 'file'. This model does not support file content types.", param=path, code="invalid_value"
    )


def image_data_url(path: str, found: object) -> APIError:
    """Return the error of an image's data URL that is none; `found` says what it is instead."""
    return APIError(
        f"Invalid image URL: '{path}'. Expected a base64-encoded data URL with an image MIME type "
        f"(e.g. '{_IMAGE_EXAMPLE}'), but got {found}.",
        param=path,
        code="invalid_value",
    )


def file_data_url(path: str, found: object) -> APIError:
    """Return the error of a file's data URL that is none of a PDF; `found` says what it is instead."""
    return APIError(
        f"Invalid file data: '{path}'. Expected a base64-encoded data URL with an application/pdf MIME type "
        f"(e.g. '{_PDF_EXAMPLE}'), but got {found}.",
        param=path,
        code="invalid_value",
    )


def image_base64() -> APIError:
    """Return the error of an image's data that is not base64."""
    return APIError("Invalid base64 image_url.", code="invalid_base64")


def image_format() -> APIError:
    """Return the error of an image of a format that no model reads."""
    return APIError(
        "You uploaded an unsupported image. Please make sure your image has of one the following "
        "formats: ['png', 'jpeg', 'gif', 'webp'].",
        code="invalid_image_format",
    )


def broken_image() -> APIError:
    """Return the error of an image that is cut, or broken."""
    return APIError(
        "You uploaded an unsupported image. Please make sure your image is valid.", code="image_parse_error"
    )


def image_url(url: str) -> APIError:
    """Return the error of an image's URL that is neither HTTP nor data."""
    return APIError(f"Failed to download image from {url}. Image URL is invalid.", code="invalid_image_url")


def image_host(url: str) -> APIError:
    """Return the error of an image's URL without a host."""
    return APIError(f"Error while downloading {url}.", code="invalid_image_url")


def sound() -> APIError:
    """Return the error of audio that cannot be decoded."""
    return APIError("The audio file could not be decoded or its format is not supported.")
