"""Match the names of other people's tables with things of this graph: what the Reconciliation Service API asks of a service.

The specification of the W3C community group, 0.2 and 1.0 draft: https://reconciliation-api.github.io/specs/. This package knows
queries, candidates, types, properties and their values; the two forms on the wire are those of `mikg.web.reconcile`.
"""

from mikg.reconciliation.extension import extend
from mikg.reconciliation.matching import Candidate, Condition, Question, match
from mikg.reconciliation.vocabulary import Term, Vocabulary

__all__ = ["Candidate", "Condition", "Question", "Term", "Vocabulary", "extend", "match"]
