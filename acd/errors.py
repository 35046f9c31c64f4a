"""Errors that a user can mend. Each class says in its docstring what is wrong and what to do; the cli prints it whole."""


class SanxiangError(Exception):
    """Something that the user can mend."""

    def __str__(self) -> str:
        said = super().__str__()
        return f"{said}\n{self.__doc__}" if said and self.__doc__ else said or (self.__doc__ or "")
