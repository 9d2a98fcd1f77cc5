"""Trust domains and the recognition of their signatures in one another.

A domain is a legal space with its own anchors, algorithms and levels. Its list is signed and
numbered; it names the services trusted there, and which services of other domains are
recognised, from when to when, for what, and on which legal basis. The outcome is never a bool:
it says the level at home, the level accorded, and what that rests on.
"""

from certs.recognition.folder import Domains, admit
from certs.recognition.follow import Outcome, follow
from certs.recognition.judge import Question, recognise
from certs.recognition.outcome import Recognition

__all__ = ["Domains", "Outcome", "Question", "Recognition", "admit", "follow", "recognise"]
