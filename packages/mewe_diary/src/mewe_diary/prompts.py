"""What one may write about: a prompt for each session that was held, in our words or a deployment's own."""

from mewe_core.kit import paging
from mewe_core.kit.ports import Work
from mewe_core.kit.texts import FALLBACK, say
from mewe_core.kit.values import columns, micros
from mewe_core.programme.events import SessionHeld

from mewe_diary import prompt_store
from mewe_diary.model import DiarySettings, ListPromptsRequest, ListPromptsResponse, Prompt
from mewe_diary.prompt_store import KeptPrompt
from mewe_diary.rules import hour

PACKAGE = "mewe_diary"
OURS = 7
"""Sessions that have a text of their own; another one has that for any session."""

_LATEST = 2**62
_LAST_ID = "~"


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


async def list_prompts(request: ListPromptsRequest, work: Work) -> ListPromptsResponse:
    """What one may write about, newest first. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    position = str(paging.after("prompts", request.page_token, ""))
    time, _, id_ = position.partition(" ") if position else (str(_LATEST), "", _LAST_ID)
    if not (time.isascii() and time.isdigit() and len(time) < 20):
        raise paging.not_of_this_list()
    found = await work.database.all(
        prompt_store.MY_PROMPTS,
        prompt_store.KeptPrompt,
        person_id=work.caller.person_id,
        now=work.now,
        before_time=min(int(time), _LATEST),
        before_id=id_,
        limit=size + 1,
    )
    last = found[size - 1] if len(found) > size else None
    following = "" if last is None else paging.token("prompts", f"{micros(last.held_time)} {last.id}")
    settings = work.settings(DiarySettings)
    shown = (
        Prompt(one.id, one.group_id, one.number, one.follow_up, text_of(one, request.language, settings), one.held_time)
        for one in found[:size]
    )
    return ListPromptsResponse(tuple(shown), following)


async def hear_session_held(event: SessionHeld, work: Work) -> None:
    """Have something to write about for each session that was held."""
    held = hour(event.held_at)
    prompt = prompt_store.KeptPrompt(event.session_id, event.group_id, event.number, event.follow_up, held)
    await work.database.execute(prompt_store.KEEP_PROMPT, **columns(prompt))
