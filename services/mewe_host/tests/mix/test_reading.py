"""A mix is read whole or refused, and each refusal names the file, the key and what is allowed."""

from pathlib import Path

import pytest
from mewe_host.mix import MixFaults, found, read, shipped

FINE = """
country = "SE"
languages = ["sv", "en"]

[features.people]

[http]
address = "127.0.0.1:8080"

[grpc]
address = "[::1]:50051"
"""

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
    monkeypatch.setenv("MEWE_DATABASE_URL", "postgresql://mewe@database/mewe")
    monkeypatch.setenv("MEWE_NATS_URL", "nats://nats-1:4222")
    read(Path(__file__).resolve().parents[3] / "mixes" / f"{name}.toml")
