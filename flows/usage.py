"""What people ask for by command or form and cannot have."""


class UnusableRequest(ValueError):
    """What was asked for cannot be done as it stands; nothing has been."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy
