"""How the configuration names a database: with the password elsewhere."""

from typing import Annotated

from pydantic import Tag

from config.schema.credentials import TOLD_BY_WAY, WRITTEN, InPlace
from config.schema.values import REFERENCE, Referring, Spelling

_POSTGRESQL = r"postgresql(?:\+psycopg)?://"
DatabaseAddress = Annotated[
    Annotated[
        Annotated[
            Referring,
            Spelling(
                rf"{_POSTGRESQL}[^\s@?]+|(?:{_POSTGRESQL}[^\s@?]*)?{REFERENCE}\S*",
                "a postgresql:// address without a password in this file, or `${VARIABLE}`",
            ),
        ],
        Tag(WRITTEN),
    ]
    | InPlace,
    TOLD_BY_WAY,
]
