"""What may be set from outside: environment variables that start with `XINPEI_`."""

from pathlib import Path

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1024 * 1024


class Settings(BaseSettings):
    """Settings of the service; relative paths count from the folder in which it is started."""

    model_config = SettingsConfigDict(env_prefix="XINPEI_", frozen=True, protected_namespaces=())

    database_url: str = Field("sqlite:///var/xinpei.db", description="SQLAlchemy URL of the store")
    model_dir: Path = Field(Path("var/models/champion"), description="Folder of the credit model")
    models_dir: Path = Field(Path("var/models"), description="Holds a folder for each version, by its number")
    model_version: str | None = Field(
        None, pattern=r"^[0-9]{1,9}$", description="Version of the credit model, in place of its folder"
    )
    fit_dir: Path = Field(
        Path("var/models/fit/champion"), description="Folder of the model of product fit; need not be there"
    )
    shadow_dir: Path | None = Field(None, description="Folder of a credit model that is asked beside, unseen")
    shadow_fit_dir: Path | None = Field(
        None, description="Folder of a model of product fit that is asked beside, unseen"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(3000, ge=1, le=65535, description="Port to listen on")
    workers: PositiveInt = Field(1, description="Processes that answer; each holds a model and uses one thread")
    timeout_seconds: PositiveFloat = Field(30.0, description="Longest time from the first byte to the answer")
    max_body_bytes: PositiveInt = Field(16 * MEGABYTE, description="Longest request body, after decompression")
    max_in_flight: PositiveInt = Field(64, description="Requests that one worker holds at a time; more get 429")
    illustrative: bool = Field(
        default=False, description="Offer the invented products of fictional banks, in a demonstration"
    )
