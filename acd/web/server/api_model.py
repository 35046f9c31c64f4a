"""What every model of the interface has in common."""

from pydantic import BaseModel, ConfigDict


class ApiModel(BaseModel):
    """A field's docstring is its description in the OpenAPI document."""

    model_config = ConfigDict(use_attribute_docstrings=True)
