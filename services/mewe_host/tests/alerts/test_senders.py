"""How alerts leave: what a letter says and does not say, over TLS or not at all, and by a program."""

import asyncio
import ssl
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mewe_core.kit.ports import AlertKind
from mewe_core.kit.texts import languages
from mewe_host.alerts.command import CommandSender
from mewe_host.alerts.letters import PACKAGE, Letter, NotSent, letter
from mewe_host.alerts.setting_up import notes, senders
from mewe_host.alerts.smtp import SmtpSender
from mewe_host.mix.model import AlertsSettings
from whenever import Instant

from .mail_server import mail_server

NOW = Instant.from_utc(2026, 3, 1, 8)
TO = "leader@example.org"


def one(kind: str = "concern", to: str = TO, language: str = "en") -> Letter:
    """A letter."""
    return letter("ab" * 16, kind, to, language, NOW)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server named localhost, and for a client that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(Instant.from_utc(2020, 1, 1).to_stdlib())
        .not_valid_after(Instant.from_utc(2120, 1, 1).to_stdlib())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize("kind", [*AlertKind, "not known"])
@pytest.mark.parametrize("language", ["en", "sv", "sv-FI", "xx"])
def test_a_letter_tells_nothing(kind: str, language: str) -> None:
    """It asks to look, in a known language, and holds no id, no address and no word of what it is about."""
    made = one(kind, language=language)
    assert made.text.endswith((".", "."))
    assert ("MEWE" in made.subject, made.id in made.subject + made.text, TO in made.subject + made.text) == (True, False, False)
    assert not any(word in made.text.lower() for word in ("concern", "harm", "emergency", "oro", "akut", "group", "grupp"))
    assert languages(PACKAGE) == ("en", "sv")
    assert ("Något" in one(language="sv").text, "Something" in one(language="de").text) == (True, True)


def test_to_this_machine_it_goes_in_the_clear() -> None:
    """The server gets one message with the headers that mail programs go by."""

    async def story() -> None:
        async with mail_server() as server:
            await SmtpSender("127.0.0.1", server.port, "mewe@example.org", local=True).send(one(language="sv"))
            (message,) = server.accepted
            assert (message["To"], message["From"], message["Auto-Submitted"]) == (TO, "mewe@example.org", "auto-generated")
            assert message["Message-ID"] == f"<{'ab' * 16}@example.org>"
            assert message["Content-Language"] == "sv"
            assert message["Date"] == "Sun, 01 Mar 2026 08:00:00 +0000"
            assert message.get_content().strip() == one(language="sv").text
            assert server.recipients == [f"<{TO}>"]

    asyncio.run(story())


def test_to_any_other_machine_it_goes_over_tls(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """STARTTLS before anything is said; user and password follow, and no address went in the clear."""

    async def story() -> None:
        async with mail_server(contexts[0]) as server:
            sender = SmtpSender("localhost", server.port, "mewe@example.org", "u", "secret", context=contexts[1])
            await sender.send(one())
            words = [line.split(" ")[0] for line in server.said]
            assert words[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
            assert len(server.accepted) == 1
            assert "secret" not in repr(sender)

    asyncio.run(story())


def test_without_tls_nothing_is_said(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """A server that does not offer it, or whose certificate nobody vouches for, gets no address and no password."""

    async def story() -> None:
        for offered in (None, contexts[0]):
            async with mail_server(offered) as server:
                with pytest.raises(NotSent):
                    await SmtpSender("localhost", server.port, "mewe@example.org", "u", "p").send(one())
                assert {line.split(" ")[0] for line in server.said} <= {"EHLO", "STARTTLS", "QUIT"}
                assert server.accepted == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("word", "answer"), [("MAIL", "451 later"), ("RCPT", "550 nobody"), ("EHLO", "554 no"), ("DATA", "452 no")]
)
def test_a_server_that_refuses_is_said_by_kind(word: str, answer: str) -> None:
    """The reason is a kind: no word of the server's, which may hold the address."""

    async def story() -> None:
        async with mail_server() as server:
            server.instead |= dict.fromkeys((word, *(["HELO"] if word == "EHLO" else [])), f"{answer} {TO}")
            with pytest.raises(NotSent, match=r"^\w+$") as fault:
                await SmtpSender("127.0.0.1", server.port, "mewe@example.org", local=True).send(one())
            assert fault.value.__cause__ is None
            assert server.accepted == []

    asyncio.run(story())


def test_a_server_that_says_nothing_is_given_up() -> None:
    """After the deadline."""

    async def story() -> None:
        left = asyncio.Event()

        async def hears_and_says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            await writer.wait_closed()
            left.set()

        silent = await asyncio.start_server(hears_and_says_nothing, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(NotSent):
            await SmtpSender("127.0.0.1", port, "mewe@example.org", local=True, seconds=0.2).send(one())
        await left.wait()
        silent.close()

    asyncio.run(story())


@pytest.mark.parametrize("to", ["", "leader", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "a b@c", "@b"])
def test_what_is_no_address_goes_nowhere(to: str) -> None:
    """No server is asked, and nothing can be smuggled into a header."""
    with pytest.raises(NotSent, match="NoAddress"):
        asyncio.run(SmtpSender("127.0.0.1", 1, "mewe@example.org", local=True).send(one(to=to)))


def test_a_program_reads_number_and_words(tmp_path: Path) -> None:
    """From standard input alone: others on the machine do not see the number."""
    told = tmp_path / "told"
    program = f"import sys; assert len(sys.argv) == 1; open({str(told)!r}, 'w').write(sys.stdin.read())"
    asyncio.run(CommandSender((sys.executable, "-c", program)).send(one(to="+46700000000")))
    assert told.read_text() == f"+46700000000\n\n{one().text}\n"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, "-c", "import sys; sys.exit(3)"), "Exit3"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "TimeoutError"),
        (("/nowhere/at/all",), "FileNotFoundError"),
    ],
)
def test_a_program_that_fails_has_not_sent(command: tuple[str, ...], reason: str) -> None:
    """It left otherwise, was too slow, or is not there."""
    with pytest.raises(NotSent, match=reason):
        asyncio.run(CommandSender(command, 5 if "exit" in command[-1] else 0.3).send(one()))


def test_a_mix_sets_up_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, mail, a program, or both; a mail server elsewhere is never spoken to in the clear."""
    monkeypatch.setenv("MAIL_USER", "u")
    monkeypatch.setenv("MAIL_PASSWORD", "p")
    assert (senders(AlertsSettings()), len(notes(AlertsSettings()))) == ({}, 1)
    settings = AlertsSettings("smtp://mail.example.org:587", "a@b.c", "MAIL_USER", "MAIL_PASSWORD", ("sms",))
    both = senders(settings)
    mail = both["mailto"]
    assert isinstance(mail, SmtpSender)
    assert (mail.host, mail.port, mail.user, mail.password) == ("mail.example.org", 587, "u", "p")
    assert (mail.implicit, mail.local) == (False, False)
    assert both["tel"] == CommandSender(("sms",), 20)
    assert notes(settings) == []
    secure = senders(AlertsSettings("smtps://mail.example.org:465", "a@b.c"))["mailto"]
    assert isinstance(secure, SmtpSender)
    assert (secure.implicit, secure.user) == (True, None)
    near = senders(AlertsSettings("smtp://127.0.0.1:25", "a@b.c"))["mailto"]
    assert isinstance(near, SmtpSender)
    assert near.local
