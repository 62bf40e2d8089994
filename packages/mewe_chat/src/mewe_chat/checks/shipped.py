"""The checks that come with the chat."""

from mewe_core.kit.message_checks import MessageCheck

from mewe_chat.checks import contact, crisis, links

CHECKS: tuple[MessageCheck, ...] = (crisis.CHECK, contact.CHECK, links.CHECK)
