"""The settings of the service, for the sub-commands that work on its store and model."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving.settings import Settings


class BadSettingError(Exception):
    """An option or an XINPEI_ variable that cannot be."""


def read_settings(**given: Any) -> "Settings":
    """Settings from the environment, with options given on the command line before them.

    Raises:
        BadSettingError: one of them cannot be.
    """
    from pydantic import ValidationError

    from serving.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        name, message = fault["loc"][0], fault["msg"].lower()
        raise BadSettingError(f"{name}: got {fault['input']!r}, expected: {message}") from error
