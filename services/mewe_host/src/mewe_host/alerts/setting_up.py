"""Which senders a mix sets up, and what it lacks."""

from mewe_host.alerts.command import CommandSender
from mewe_host.alerts.letters import AlertSender, Senders
from mewe_host.mix.model import AlertsSettings, from_environment


def senders(settings: AlertsSettings) -> Senders:
    """Who sends, by the scheme of the address."""
    found: dict[str, AlertSender] = {}
    if settings.smtp is not None and settings.sender is not None:
        from mewe_host.alerts.smtp import SmtpSender

        server = settings.server
        found["mailto"] = SmtpSender(
            server.host,
            server.port,
            settings.sender,
            _from(settings.user_env),
            _from(settings.password_env),
            implicit=settings.smtp.startswith("smtps:"),
            local=server.is_loopback,
            seconds=settings.seconds,
        )
    if settings.command:
        found["tel"] = CommandSender(settings.command, settings.seconds)
    return found


def notes(settings: AlertsSettings) -> list[str]:
    """What to tell whoever starts a host: that nobody can be reached."""
    if settings.smtp is None and not settings.command:
        return ["Alerts reach nobody: neither alerts.smtp nor alerts.command is set up. They wait until one is."]
    return []


def _from(variable: str | None) -> str | None:
    return None if variable is None else from_environment(variable)
