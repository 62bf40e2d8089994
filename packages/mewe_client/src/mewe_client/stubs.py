"""The stubs of a deployment's services, each made when it is asked for first."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

import grpc
from mewe.chat.v1.chat_service_pb2_grpc import ChatServiceStub
from mewe.chat.v1.moderation_service_pb2_grpc import ModerationServiceStub
from mewe.diary.v1.diary_service_pb2_grpc import DiaryServiceStub
from mewe.eval.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from mewe.eval.v1.study_service_pb2_grpc import StudyServiceStub
from mewe.people.v1.consent_service_pb2_grpc import ConsentServiceStub
from mewe.people.v1.guardian_service_pb2_grpc import GuardianServiceStub
from mewe.people.v1.people_service_pb2_grpc import PeopleServiceStub
from mewe.programme.v1.group_service_pb2_grpc import GroupServiceStub
from mewe.programme.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from mewe.programme.v1.recruitment_service_pb2_grpc import RecruitmentServiceStub
from mewe.programme.v1.training_service_pb2_grpc import TrainingServiceStub
from mewe.safety.v1.card_service_pb2_grpc import CardServiceStub
from mewe.safety.v1.concern_service_pb2_grpc import ConcernServiceStub
from mewe.safety.v1.contact_service_pb2_grpc import ContactServiceStub
from mewe.safety.v1.help_service_pb2_grpc import HelpServiceStub

if TYPE_CHECKING:
    from mewe.chat.v1.chat_service_pb2_grpc import ChatServiceAsyncStub
    from mewe.chat.v1.moderation_service_pb2_grpc import ModerationServiceAsyncStub
    from mewe.diary.v1.diary_service_pb2_grpc import DiaryServiceAsyncStub
    from mewe.eval.v1.evaluation_service_pb2_grpc import EvaluationServiceAsyncStub
    from mewe.eval.v1.study_service_pb2_grpc import StudyServiceAsyncStub
    from mewe.people.v1.consent_service_pb2_grpc import ConsentServiceAsyncStub
    from mewe.people.v1.guardian_service_pb2_grpc import GuardianServiceAsyncStub
    from mewe.people.v1.people_service_pb2_grpc import PeopleServiceAsyncStub
    from mewe.programme.v1.group_service_pb2_grpc import GroupServiceAsyncStub
    from mewe.programme.v1.programme_service_pb2_grpc import ProgrammeServiceAsyncStub
    from mewe.programme.v1.recruitment_service_pb2_grpc import RecruitmentServiceAsyncStub
    from mewe.programme.v1.training_service_pb2_grpc import TrainingServiceAsyncStub
    from mewe.safety.v1.card_service_pb2_grpc import CardServiceAsyncStub
    from mewe.safety.v1.concern_service_pb2_grpc import ConcernServiceAsyncStub
    from mewe.safety.v1.contact_service_pb2_grpc import ContactServiceAsyncStub
    from mewe.safety.v1.help_service_pb2_grpc import HelpServiceAsyncStub


class Stubs(ABC):
    """What the services of a deployment are called with."""

    @abstractmethod
    def _channel(self, area: str) -> grpc.aio.Channel:
        """The channel to the service of an area."""

    @cached_property
    def people(self) -> "PeopleServiceAsyncStub":
        """Identity, organisations, roles."""
        return PeopleServiceStub(self._channel("people"))

    @cached_property
    def consent(self) -> "ConsentServiceAsyncStub":
        """What one has said yes or no to, and the texts that inform."""
        return ConsentServiceStub(self._channel("people"))

    @cached_property
    def guardians(self) -> "GuardianServiceAsyncStub":
        """What guardians say, and who has covered what."""
        return GuardianServiceStub(self._channel("people"))

    @cached_property
    def programmes(self) -> "ProgrammeServiceAsyncStub":
        """What is run."""
        return ProgrammeServiceStub(self._channel("programme"))

    @cached_property
    def groups(self) -> "GroupServiceAsyncStub":
        """Groups, their sessions and members."""
        return GroupServiceStub(self._channel("programme"))

    @cached_property
    def recruitment(self) -> "RecruitmentServiceAsyncStub":
        """From referral to the first session."""
        return RecruitmentServiceStub(self._channel("programme"))

    @cached_property
    def training(self) -> "TrainingServiceAsyncStub":
        """Training of leaders, and certificates."""
        return TrainingServiceStub(self._channel("programme"))

    @cached_property
    def chat(self) -> "ChatServiceAsyncStub":
        """The chat of a group."""
        return ChatServiceStub(self._channel("chat"))

    @cached_property
    def moderation(self) -> "ModerationServiceAsyncStub":
        """What leaders do so that the chat is safe to be in; complaints that go past them."""
        return ModerationServiceStub(self._channel("chat"))

    @cached_property
    def diary(self) -> "DiaryServiceAsyncStub":
        """Sealed diaries, which the service cannot open."""
        return DiaryServiceStub(self._channel("diary"))

    @cached_property
    def evaluation(self) -> "EvaluationServiceAsyncStub":
        """What one is asked, and answers."""
        return EvaluationServiceStub(self._channel("eval"))

    @cached_property
    def studies(self) -> "StudyServiceAsyncStub":
        """The arms of a study, and the file of its answers."""
        return StudyServiceStub(self._channel("eval"))

    @cached_property
    def help(self) -> "HelpServiceAsyncStub":
        """Help that nobody is refused, and what became of it."""
        return HelpServiceStub(self._channel("safety"))

    @cached_property
    def concerns(self) -> "ConcernServiceAsyncStub":
        """Concerns, for those whom they were brought to."""
        return ConcernServiceStub(self._channel("safety"))

    @cached_property
    def contacts(self) -> "ContactServiceAsyncStub":
        """The adults who look after a group's young people."""
        return ContactServiceStub(self._channel("safety"))

    @cached_property
    def cards(self) -> "CardServiceAsyncStub":
        """Contact cards."""
        return CardServiceStub(self._channel("safety"))
