"""What the shapes of answers are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Money = int
Share = Annotated[float, Field(ge=0, le=1)]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Value = bool | int | float | str | list[str] | None


class Shape(BaseModel):
    """No other field than those named."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Words(Shape):
    """The same thing said in Chinese and English."""

    zh: str
    en: str
