"""A mix is read whole or refused, and each refusal names the file, the key and what is allowed."""

from pathlib import Path

import pytest
from mewe_host.mix import MixFaults, found, in_the_clear, read, shipped

FINE = """
country = "SE"
languages = ["sv", "en"]

[features.people]

[http]
address = "127.0.0.1:8080"

[grpc]
address = "[::1]:50051"
"""

NATS_AT = FINE + '[nats]\nurl = "{}"\nmonitoring = ["{}"]'

BAD = {
    "a key that is not known": ('contry = "SE"\n' + FINE, "contry", 'did you mean "country"?'),
    "a key that is not known in a section": (
        FINE + "[limits]\nmesage_bytes = 2000",
        "limits.mesage_bytes",
        'mean "message_bytes"?',
    ),
    "a text where a number is wanted": (FINE + '[limits]\ncalls_at_once = "9"', "limits.calls_at_once", "a whole number"),
    "a truth where a number is wanted": (FINE + "[limits]\ncalls_at_once = true", "limits.calls_at_once", "a whole number"),
    "a number out of range": (FINE + "[limits]\ncalls_at_once = 0", "limits.calls_at_once", "a number from 1 to 100000"),
    "a number where truth is wanted": ("demo = 1\n" + FINE, "demo", "true or false"),
    "a text where a list is wanted": (FINE.replace('["sv", "en"]', '"sv"'), "languages", "a list"),
    "a number in a list of texts": (FINE.replace('["sv", "en"]', '["sv", 4]'), "languages[1]", "a text in quotes"),
    "a language that is none": (FINE.replace('["sv", "en"]', '["Swedish"]'), "languages", '["sv", "en"]'),
    "no language": (FINE.replace('["sv", "en"]', "[]"), "languages", "1 to 50 entries"),
    "a country that is none": (FINE.replace('"SE"', '"XX"'), "country", "ISO 3166-1"),
    "no country": (FINE.replace('country = "SE"', ""), "country", "a text in quotes"),
    "no features": (FINE.replace("[features.people]", "[features]"), "features", "[features.people]"),
    "no features at all": (FINE.replace("[features.people]", ""), "features", "a section"),
    "a feature that is no section": ("features = 3\n" + FINE.replace("[features.people]", ""), "features", "a section"),
    "an address without a port": (FINE.replace("127.0.0.1:8080", "127.0.0.1"), "http.address", "host:port"),
    "an address with a port too high": (FINE.replace("8080", "65536"), "http.address", "host:port"),
    "an address with a bare IPv6 host": (FINE.replace("[::1]:50051", "::1:50051"), "grpc.address", "[::1]:8080"),
    "one address for both faces": (FINE.replace("[::1]:50051", "127.0.0.1:8080"), "grpc.address", "an address of its own"),
    "a section that is no section": ("keys = 'k'\n" + FINE, "keys", "a section with folder"),
    "a database that is none": (FINE + '[database]\nurl = "mysql://x"', "database.url", '"sqlite:FOLDER"'),
    "a variable that is not set": (FINE + '[database]\nurl_env = "MEWE_NOT_SET"', "database.url_env", '"sqlite:FOLDER"'),
    "a NATS that is none": (FINE + '[nats]\nurl = "http://x"', "nats.url", '"embedded"'),
    "a NATS that nothing proves": (FINE + '[nats]\nurl = "nats://h:4222"', "nats.monitoring", "the monitoring address"),
    "a monitoring address that is none": (FINE + '[nats]\nmonitoring = ["h:8222"]', "nats.monitoring", "http://127.0.0.1:8222"),
    "a NATS elsewhere in the clear": (NATS_AT.format("nats://h:4222", "https://h:8222"), "nats.url", '"tls://HOST:4222"'),
    "one of several NATS elsewhere in the clear": (
        NATS_AT.format("tls://h:4222,nats://10.0.0.7:4222", "https://h:8222"),
        "nats.url",
        "nats.plain_because",
    ),
    "a monitoring address elsewhere in the clear": (
        NATS_AT.format("tls://h:4222", "http://h:8222"),
        "nats.monitoring",
        '"https://HOST:8222"',
    ),
    "no reason for NATS in the clear": (FINE + '[nats]\nplain_because = "no"', "nats.plain_because", "in a sentence"),
    "no reason for a database in the clear": (FINE + '[database]\nplain_because = " "', "database.plain_because", "sentence"),
    "a clock file in a real deployment": (FINE + '[clock]\nfile = "c"', "clock.file", "demo = true"),
    "an issuer for trying out in a real deployment": ("trial_issuer = true\n" + FINE, "trial_issuer", "demo = true"),
    "an issuer for trying out that others reach": (
        "demo = true\ntrial_issuer = true\n" + FINE.replace("127.0.0.1:8080", "0.0.0.0:8080"),
        "trial_issuer",
        "both addresses on 127.0.0.1",
    ),
    "a clock file that others reach": (
        "demo = true\n" + FINE.replace("127.0.0.1:8080", "0.0.0.0:8080") + '[clock]\nfile = "c"',
        "clock.file",
        "both addresses on 127.0.0.1",
    ),
    "a key service without a name": (FINE + '[keys]\nkms_command = [""]', "keys.kms_command", "a program and its arguments"),
    "a key service that may take for ever": (FINE + "[keys]\nkms_seconds = 0", "keys.kms_seconds", "from 1 to 120"),
    "a mail server that is none": (FINE + '[alerts]\nsmtp = "mail.example.org"', "alerts.smtp", '"smtp://HOST:PORT"'),
    "a mail server without a port": (FINE + '[alerts]\nsmtp = "smtp://mail"\nsender = "a@b.c"', "alerts.smtp", "HOST:PORT"),
    "a mail server and nobody who writes": (FINE + '[alerts]\nsmtp = "smtp://m:25"', "alerts.sender", "mewe@example.org"),
    "a sender that is none": (FINE + '[alerts]\nsmtp = "smtp://m:25"\nsender = "mewe"', "alerts.sender", "an address"),
    "a sender and no mail server": (FINE + '[alerts]\nsender = "a@b.c"', "alerts.sender", '"smtp://HOST:PORT"'),
    "a user without a password": (
        FINE + '[alerts]\nsmtp = "smtp://m:25"\nsender = "a@b.c"\nuser_env = "PATH"',
        "alerts.password_env",
        "both alerts.user_env and alerts.password_env",
    ),
    "a password without a user": (
        FINE + '[alerts]\nsmtp = "smtp://m:25"\nsender = "a@b.c"\npassword_env = "PATH"',
        "alerts.user_env",
        "both alerts.user_env and alerts.password_env",
    ),
    "a password that is not there": (
        FINE + '[alerts]\nsmtp = "smtp://m:25"\nsender = "a@b.c"\nuser_env = "PATH"\npassword_env = "MEWE_NOT_SET"',
        "alerts.password_env",
        "a variable that is set",
    ),
    "a feature among the plugins": ('plugins = ["people"]\n' + FINE, "plugins", "plugins that are no features"),
    "no TOML": (FINE + "[http\n", "line 12", "a text file in TOML"),
}


def written(folder: Path, text: str) -> Path:
    """A mix file with this text."""
    file = folder / "country.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(("text", "key", "allowed"), BAD.values(), ids=BAD)
def test_each_fault_names_file_key_and_what_is_allowed(text: str, key: str, allowed: str, tmp_path: Path) -> None:
    """What is wrong stands in one line, with the file, the key and what would be right."""
    file = written(tmp_path, text)
    with pytest.raises(MixFaults) as caught:
        read(file)
    lines = [str(one) for one in caught.value.faults]
    assert [line for line in lines if str(file) in line and key in line and allowed in line], lines


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    """Whoever corrects a mix sees everything that can be seen at once."""
    text = 'demo = 3\ncontry = "SE"\n' + FINE.replace("8080", "x") + '[limits]\ncalls_at_once = ""\n'
    with pytest.raises(MixFaults) as caught:
        read(written(tmp_path, text))
    assert {one.key for one in caught.value.faults} == {"demo", "contry", "http.address", "limits.calls_at_once"}


def test_a_fault_never_holds_the_value(tmp_path: Path) -> None:
    """A password that stands in a wrong url is not shown."""
    with pytest.raises(MixFaults) as caught:
        read(written(tmp_path, FINE + '[database]\nurl = "mysql://root:hunter2@h/d"'))
    assert "hunter2" not in str(caught.value)


def test_a_url_may_stand_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret url is read from the variable that the mix names, by the same rules as one in the file."""
    file = written(tmp_path, FINE + '[database]\nurl_env = "MEWE_TEST_DATABASE"')
    monkeypatch.setenv("MEWE_TEST_DATABASE", "postgresql://mewe@localhost/mewe")
    assert read(file).database.url == "postgresql://mewe@localhost/mewe"
    monkeypatch.setenv("MEWE_TEST_DATABASE", "mysql://x")
    with pytest.raises(MixFaults, match=r"database\.url"):
        read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is told as one."""
    with pytest.raises(MixFaults, match="there is no such file"):
        read(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are refused as such."""
    file = tmp_path / "bytes.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(MixFaults, match="not UTF-8"):
        read(file)


def test_a_shipped_mix_is_found_by_its_name() -> None:
    """Without a path, the name of a mix that comes with the program is enough; a wrong one lists them."""
    assert found(None).name == "everything.toml"
    assert [read(found(name)).country for name in shipped()] == ["SE"] * len(shipped())
    with pytest.raises(MixFaults, match="demo, everything"):
        found("everythin")


@pytest.mark.parametrize("name", ["everything", "demo", "sweden", "netherlands"])
def test_every_mix_of_the_repository_is_fine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mixes that countries start from can be read as they are."""
    monkeypatch.setenv("MEWE_DATABASE_URL", "postgresql://mewe@database/mewe?sslmode=verify-full&sslrootcert=/etc/mewe/ca.pem")
    monkeypatch.setenv("MEWE_NATS_URL", "tls://nats-1:4222")
    read(Path(__file__).resolve().parents[3] / "mixes" / f"{name}.toml")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://mewe@database/mewe",
        "postgresql://mewe@database/mewe?sslmode=require",
        "postgresql://mewe@database/mewe?sslmode=verify-ca&sslrootcert=/ca.pem",
        "postgresql://mewe@database/mewe?sslmode=verify-full",
        "postgresql://mewe@database/mewe?sslmode=verify-full&sslrootcert=/ca.pem&sslmode=disable",
        "postgresql://mewe@10.0.0.7:5432/mewe",
        "postgresql://mewe@[2001:db8::1]:5432/mewe",
        "postgresql://mewe@localhost,database:5432/mewe",
        "postgresql://mewe@/mewe?host=database",
        "postgresql://mewe@localhost/mewe?host=database",
        "postgresql:///?service=mewe",
    ],
)
def test_a_database_elsewhere_wants_tls_that_proves_who_it_is(url: str, tmp_path: Path) -> None:
    """Whatever is weaker than ``verify-full`` with a file of its authority is refused, unless the mix says why it may be."""
    with pytest.raises(MixFaults, match=r"database\.url: this database is on another machine") as caught:
        read(written(tmp_path, FINE + f'[database]\nurl = "{url}"'))
    assert "sslmode=verify-full&sslrootcert=" in str(caught.value)
    because = FINE + f'[database]\nurl = "{url}"\nplain_because = "the two machines share a cable"'
    assert [*in_the_clear.notes(read(written(tmp_path, because)))] == [
        "The database is on another machine and is not verified by TLS: the two machines share a cable"
    ]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///mewe",
        "postgresql://mewe@localhost:5432/mewe",
        "postgresql://mewe@127.0.0.1/mewe",
        "postgresql://mewe@[::1]:5432/mewe",
        "postgresql://mewe@/mewe?host=/run/postgresql",
        "postgresql://mewe@%2Frun%2Fpostgresql/mewe",
        "postgresql://mewe@database/mewe?sslmode=verify-full&sslrootcert=/ca.pem",
    ],
)
def test_a_database_of_this_machine_or_over_tls_is_fine(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket or a loopback address needs no TLS; nothing is said about it."""
    monkeypatch.delenv("PGHOST", raising=False)
    assert [*in_the_clear.notes(read(written(tmp_path, FINE + f'[database]\nurl = "{url}"')))] == []


def test_the_environment_cannot_move_a_database_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A url without a host follows PGHOST, and so does the rule."""
    monkeypatch.setenv("PGHOST", "database")
    with pytest.raises(MixFaults, match="another machine"):
        read(written(tmp_path, FINE + '[database]\nurl = "postgresql:///mewe"'))


def test_nats_elsewhere_in_the_clear_is_told_each_time_with_its_reason(tmp_path: Path) -> None:
    """The reason stands where whoever starts the host reads it; servers of this machine need none."""
    here = read(written(tmp_path, NATS_AT.format("nats://127.0.0.1:4222", "http://localhost:8222")))
    assert [*in_the_clear.notes(here)] == []
    because = '\nplain_because = "the two machines share a cable"'
    there = read(written(tmp_path, NATS_AT.format("nats://h:4222", "http://h:8222") + because))
    assert [*in_the_clear.notes(there)] == [
        "NATS is on another machine and is reached without TLS: the two machines share a cable"
    ]


def test_faces_that_other_machines_reach_are_told_at_each_start(tmp_path: Path) -> None:
    """They speak no TLS themselves, so whoever starts the host reads who may come near them."""
    open_wide = FINE.replace("127.0.0.1:8080", "0.0.0.0:8080")
    assert open_wide != FINE
    assert [*in_the_clear.notes(read(written(tmp_path, FINE)))] == []
    (note,) = in_the_clear.notes(read(written(tmp_path, open_wide)))
    assert note.startswith("http.address 0.0.0.0:8080 can be reached from other machines, without TLS")
