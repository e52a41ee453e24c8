"""The facts of a province: who is responsible, by when, whom to call, how things are done."""

from actions.local_facts.facts import LocalFacts, load_local_facts
from actions.local_facts.tables import (
    AgencyFact,
    CommuneFact,
    DossierStateFact,
    Guidance,
    Hotline,
    Procedure,
)
from actions.table_files import LocalTableInvalid

__all__ = [
    "AgencyFact",
    "CommuneFact",
    "DossierStateFact",
    "Guidance",
    "Hotline",
    "LocalFacts",
    "LocalTableInvalid",
    "Procedure",
    "load_local_facts",
]
