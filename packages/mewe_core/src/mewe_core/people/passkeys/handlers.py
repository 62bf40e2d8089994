"""What passkeys do: one coroutine an RPC."""

from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns
from mewe_core.people import once, sessions
from mewe_core.people.errors import PasskeyNotGood, PasskeysNotOffered, TooManyPasskeys
from mewe_core.people.model import DeviceSession, PeopleSettings
from mewe_core.people.passkeys import model, rules, store
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.privacy import store as erasures
from mewe_core.people.session_rules import Way

REGISTER = "passkey registration"
SIGN_IN = "passkey sign-in"


async def get_passkey_registration_options(
    request: model.GetPasskeyRegistrationOptionsRequest, work: Work
) -> model.PasskeyRegistrationOptions:
    """What to make a passkey of one's own with. Raises PasskeysNotOffered."""
    settings, me = _settings(work), _me(work)
    ends = work.now.add(minutes=rules.CHALLENGE_MINUTES)
    challenge = once.made(REGISTER, f"{settings.rp_id}/{me}", ends, work.ids, work.keys)
    known = await work.database.all(store.OF, store.KeptPasskey, me=me, most=rules.MOST_PASSKEYS)
    options = rules.registration_options(settings, me, challenge, [one.credential_id for one in known])
    return model.PasskeyRegistrationOptions(options, ends)


async def register_passkey(request: model.RegisterPasskeyRequest, work: Work) -> model.Passkey:
    """Keep a passkey that was made on the device that asks; its session counts as begun with a passkey from now on.

    Raises PasskeysNotOffered, NotThisDevice, PasskeyNotGood, TooManyPasskeys.
    """
    settings = _settings(work)
    me = await sessions.on_this_device(work, request.session_token, request.proof)
    challenge = await _used(request.credential, REGISTER, f"{settings.rp_id}/{me}", work)
    made = rules.registered(settings, request.credential, challenge)
    if (await work.database.first(store.COUNT_OF, int, me=me) or 0) >= rules.MOST_PASSKEYS:
        raise TooManyPasskeys
    kept = store.KeptPasskey(
        id=work.new_id(),
        person_id=me,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        create_time=work.now,
        last_use_time=None,
    )
    if not await work.database.execute(store.ADD, **columns(kept)):
        raise PasskeyNotGood
    await sessions.strengthen(work, me)
    return model.Passkey(kept.id, kept.create_time, None)


async def list_passkeys(request: model.ListPasskeysRequest, work: Work) -> model.ListPasskeysResponse:
    """One's own passkeys, oldest first."""
    rows = await work.database.all(store.OF, store.KeptPasskey, me=_me(work), most=rules.MOST_PASSKEYS)
    return model.ListPasskeysResponse(tuple(model.Passkey(one.id, one.create_time, one.last_use_time) for one in rows))


async def remove_passkey(request: model.RemovePasskeyRequest, work: Work) -> model.RemovePasskeyResponse:
    """Remove one of one's own: it signs nobody in any more. Raises NotThisDevice, NotFound."""
    me = await sessions.on_this_device(work, request.session_token, request.proof)
    if not await work.database.execute(store.REMOVE, which=request.passkey_id, me=me):
        raise NotFound
    return model.RemovePasskeyResponse()


async def get_passkey_sign_in_options(request: model.GetPasskeySignInOptionsRequest, work: Work) -> model.PasskeySignInOptions:
    """What to sign in with. Raises PasskeysNotOffered."""
    settings = _settings(work)
    ends = work.now.add(minutes=rules.CHALLENGE_MINUTES)
    challenge = once.made(SIGN_IN, settings.rp_id, ends, work.ids, work.keys)
    return model.PasskeySignInOptions(rules.sign_in_options(settings, challenge), ends)


async def sign_in_with_passkey(request: model.SignInWithPasskeyRequest, work: Work) -> DeviceSession:
    """A device session of whoever holds the passkey. Raises PasskeysNotOffered, PasskeyNotGood."""
    settings = _settings(work)
    challenge = await _used(request.credential, SIGN_IN, settings.rp_id, work)
    credential_id, whose = rules.credential_of(request.credential)
    kept = await work.database.first(store.BY_CREDENTIAL, store.KeptPasskey, which=credential_id)
    if kept is None or kept.person_id != whose or await erasures.under_way(work.database, kept.person_id):
        raise PasskeyNotGood
    count = rules.counted(settings, request.credential, challenge, kept.public_key, kept.sign_count)
    if not await work.database.execute(store.USE, which=kept.id, before=kept.sign_count, after=count, now=work.now):
        raise PasskeyNotGood
    return await sessions.begin(work, kept.person_id, Way.PASSKEY, device_key=request.device_key)


async def _used(credential: str, purpose: str, bound_to: str, work: Work) -> bytes:
    """The challenge that is answered, used up. Raises PasskeyNotGood if it is not ours, has ended or was used."""
    challenge = rules.challenge_of(credential)
    ends = once.ends(challenge, purpose, bound_to, work.keys)
    if ends is None or not await once.spend(challenge, ends, work):
        raise PasskeyNotGood
    return challenge


def _settings(work: Work) -> PasskeySettings:
    settings = work.settings(PeopleSettings).passkeys
    if settings is None:
        raise PasskeysNotOffered
    return settings


def _me(work: Work) -> str:
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id
