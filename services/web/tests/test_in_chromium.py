"""The diary in a real browser: kept over a reload, without a connection, without an account; opened by each way there is."""

import json
from typing import Any

import pytest

from services.web.tests.browser import Device

BEGIN = """
    const secret = diary.newDiary("SE");
    const database = await diary.openDatabase();
    await diary.keepLock(database, secret.id, await diary.lockWithPassphrase(secret, given.passphrase));
    if (given.device) await diary.openWithoutAsking(database, secret);
    globalThis.kept = await diary.keepDiary(database, secret);
    return secret.id;
"""
WRITE = """
    const written_at = diary.moment(new Date());
    return kept.add({ text: given, mood: 3, prompt: null, tags: ["values"], written_at, zone: "Europe/Stockholm" });
"""
TEXTS = "return [...(await kept.shown()).entries.values()].flat().map(({ content }) => content.text).sort();"
BY_WORDS = """
    const database = await diary.openDatabase();
    const [row] = await diary.keptDiaries(database);
    const { lock } = (await diary.keptLocks(database, row.id)).find(({ lock }) => lock.way === "passphrase");
    const opened = await diary.unlock(row, lock, await diary.passphraseMaterial(lock, given)).catch(({ reason }) => reason);
    if (typeof opened === "string") return opened;
    globalThis.kept = new diary.KeptDiary(database, opened);
"""
BY_DEVICE = """
    const database = await diary.openDatabase();
    const [row] = await diary.keptDiaries(database);
    globalThis.kept = await diary.openByDevice(database, row);
"""
EVERYTHING = """
    const database = await diary.openDatabase();
    const all = [];
    for (const store of database.objectStoreNames) all.push(...await database.getAll(store));
    return JSON.stringify(all, (_, value) => value instanceof Uint8Array ? new TextDecoder("latin1").decode(value) : value);
"""
SAID = "kvällste i köket ☕"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
    "hasPrf": True,
}


def begun(device: Device, *, by_device: bool = False) -> str:
    """A new diary on a device; its id."""
    return str(device.does(BEGIN, {"passphrase": SAID, "device": by_device}))


def test_what_was_written_is_there_after_a_reload(telephone: Device) -> None:
    """Without an account and without a connection; the passphrase opens it, another does not, and nothing says why."""
    begun(telephone)
    telephone.context.set_offline(True)
    for text in ("Mamma sov hela dagen 🙂", ""):
        telephone.does(WRITE, text)
    telephone.again()
    assert telephone.does(BY_WORDS, "another passphrase") == "DOES_NOT_OPEN"
    assert telephone.does(BY_WORDS, SAID) is None
    assert telephone.does(TEXTS) == ["", "Mamma sov hela dagen 🙂"]


def test_nothing_that_is_kept_can_be_read(telephone: Device) -> None:
    """What the browser has on disk holds neither the text nor the passphrase nor the key."""
    begun(telephone)
    telephone.does(WRITE, "canary in the coal mine")
    assert "SE" in telephone.does(EVERYTHING)
    telephone.does("await kept.saveLocal('draft/x', new TextEncoder().encode('a draft canary'))")
    kept = telephone.does(EVERYTHING)
    assert "canary" not in kept
    assert "llste i k" not in kept
    assert telephone.does("return kept.local('draft/x').then((said) => new TextDecoder().decode(said))") == "a draft canary"


def test_what_was_written_over_before_an_account_is_gone(telephone: Device) -> None:
    """Nobody has the earlier words, so nobody keeps them; what is deleted leaves nothing behind."""
    begun(telephone)
    first = telephone.does(WRITE, "one")
    telephone.does(
        "const [one] = (await kept.shown()).entries.get(given);"
        "await kept.change(given, { ...one.content, text: 'two' }, [one]);",
        first,
    )
    assert telephone.does(TEXTS) == ["two"]
    assert telephone.does("return (await kept.rows()).length") == 1
    telephone.does("await kept.remove(given, (await kept.shown()).entries.get(given), '2026-11-22T21:00:00Z')", first)
    assert telephone.does("return (await kept.rows()).length") == 0


def test_the_device_opens_it_alone_and_scripts_cannot_read_the_key(telephone: Device) -> None:
    """A page that is loaded anew opens it without asking; the key that does it is not given away."""
    begun(telephone, by_device=True)
    telephone.does(WRITE, "one")
    telephone.again()
    telephone.does(BY_DEVICE)
    assert telephone.does(TEXTS) == ["one"]
    refused = telephone.does(
        "const locks = await diary.keptLocks(kept.database, kept.diary.id);"
        "const keys = [kept.diary.entryKey, kept.diary.headKey, kept.diary.localKey, locks.find(({ held }) => held).held];"
        "return Promise.all(keys.map((key) => crypto.subtle.exportKey('raw', key).then(() => 'read', (error) => error.name)))"
    )
    assert "read" not in refused
    assert len(refused) == 4


def test_a_passkey_opens_it(telephone: Device) -> None:
    """By what its PRF answers; a browser whose authenticator has none is told so, before anything is made of it."""
    devtools = telephone.context.new_cdp_session(telephone.page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    opened = telephone.does("""
        const secret = diary.newDiary("SE");
        const credential = await diary.newDiaryPasskey("localhost", "Diary");
        const request = diary.passkeyRequest(secret);
        const output = await diary.askPasskey("localhost", credential, request.input);
        const lock = diary.readLock((await diary.lockWithPasskey(secret, credential, request, output)).bytes);
        const again = await diary.askPasskeyOf("localhost", secret, lock);
        const same = await diary.unlockSecret(secret, lock, await diary.passkeyMaterial(again));
        const elsewhere = await diary.askPasskeyOf("localhost", { ...secret, country: "NL" }, lock);
        const other = await diary.unlock(secret, lock, await diary.passkeyMaterial(elsewhere)).catch(({ reason }) => reason);
        return [lock.way, diary.hex(same.key) === diary.hex(secret.key), other];
    """)
    assert opened == ["passkey", True, "DOES_NOT_OPEN"]
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, "hasPrf": False}})
    assert telephone.does("return diary.newDiaryPasskey('localhost', 'Diary')") is None


def test_the_browser_is_asked_to_keep_it_and_what_it_says_is_told(telephone: Device) -> None:
    """Whatever it answers, there are words for it in each language."""
    staying = telephone.does("return diary.askToStay()")
    assert staying["most"] > staying["used"] >= 0
    key = "kept-here" if staying["promised"] else "may-be-deleted"
    assert telephone.does("return diary.stayingWords(await diary.isStaying(), false)") == key
    told: list[Any] = telephone.does("return diary.LANGUAGES.map((language) => diary.words(given, language))", key)
    assert len(set(told)) == 2


@pytest.mark.parametrize(
    ("promised", "used", "linked", "key"),
    [
        (False, 1, False, "may-be-deleted"),
        (False, 1, True, "may-be-deleted-here"),
        (True, 1, False, "kept-here"),
        (True, 1, True, "kept-here-and-there"),
        (True, 91, True, "nearly-full"),
        (False, None, False, "may-be-deleted"),
    ],
)
def test_what_may_be_lost_is_said(promised: bool, used: int | None, linked: bool, key: str, telephone: Device) -> None:
    """Nobody is told that the diary is safe where it is not."""
    staying = {"promised": promised, "used": used, "most": None if used is None else 100}
    assert telephone.does("return diary.stayingWords(given[0], given[1])", [staying, linked]) == key


def test_a_pin_hides_and_locks_nothing(telephone: Device) -> None:
    """It is told so; the diary opens without it by its lock, and it is kept sealed."""
    begun(telephone, by_device=True)
    telephone.does("await diary.setPin(kept, '4711')")
    assert telephone.does("return Promise.all(['4711', '4712', ''].map((digits) => diary.isPin(kept, digits)))") == [
        True,
        False,
        False,
    ]
    assert "4711" not in telephone.does(EVERYTHING)
    telephone.again()
    telephone.does(BY_DEVICE)
    assert telephone.does("return diary.hasPin(kept)")
    assert "does not lock" in telephone.does("return diary.words('pin', 'en')")


def test_what_was_exported_is_taken_in_equal_and_once(telephone: Device, laptop: Device) -> None:
    """Both files; twice is once."""
    begun(telephone)
    for text in ("one", "two\n\n<!-- mewe-diary-entry {} -->\n", "🙂"):
        telephone.does(WRITE, text)
    files = telephone.does(
        "const says = await kept.exported();"
        "return [new TextDecoder().decode(diary.writeJson('SE', says)), diary.writeMarkdown(says)]"
    )
    begun(laptop)
    taking = "return kept.take(given[0] === '{' ? diary.readJson(new TextEncoder().encode(given)) : diary.readMarkdown(given))"
    assert [laptop.does(taking, file) for file in files] == [3, 0]
    again = laptop.does("return new TextDecoder().decode(diary.writeJson('SE', await kept.exported()))")
    assert json.loads(again) == json.loads(files[0])
