"""The words of a prompt: ours, or a deployment's own."""

from mewe_core.kit.texts import FALLBACK, say

from mewe_diary.model import DiarySettings
from mewe_diary.store import KeptPrompt

PACKAGE = "mewe_diary"
OURS = 7
"""Sessions that have a text of their own; another one has that for any session."""


def text_of(prompt: KeptPrompt, language: str, settings: DiarySettings) -> str:
    """What a session's prompt asks: in the deployment's words in that language or in English, if it has any, else in ours."""
    tags = (language, language.split("-")[0], FALLBACK)
    for tag in tags:
        for one in settings.prompts:
            fits = one.follow_up if prompt.follow_up else (one.number == prompt.number and not one.follow_up)
            if fits and one.language == tag:
                return one.text
    key = "prompt-follow-up" if prompt.follow_up else f"prompt-{prompt.number}" if 1 <= prompt.number <= OURS else "prompt-any"
    return say(PACKAGE, language or FALLBACK, key)
