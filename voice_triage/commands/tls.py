"""``tls``: the certificate under which other machines of the clinic reach this desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.settings import Settings
    from voice_triage.tls.certificate_files import Certificate, CertificateFiles

app = typer.Typer(
    help="Make the certificate under which other machines reach this desk, and say how they trust it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="NAME", help="Host name or address to be reached under; again for each. Else: all."),
]


def init(
    name: Names = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make a new authority over one that is there: machines have to trust anew.")
    ] = False,
) -> None:
    """Make a local authority and a certificate for this machine, and say how other machines trust it.

    The authority can vouch for this machine's names and for private addresses only. Its key stays here.

    Examples:
      voice-triage tls init
      voice-triage tls init --name frontdesk.local --name 192.168.1.20
    """
    from voice_triage.errors import TlsError
    from voice_triage.tls.own_names import own_names

    settings, files = _files()
    if files.are_there and not force:
        raise TlsError(
            f"There is an authority in {files.folder} already. A new certificate: voice-triage tls renew. A new "
            "authority, which every machine has to trust anew: voice-triage tls init --force"
        )
    made = files.init(tuple(name or own_names()))
    _record("init")
    _tell(made, settings)


def renew(name: Names = None) -> None:
    """Make a new certificate by the same authority; other machines need not do anything. Then start the desk anew.

    Examples:
      voice-triage tls renew
      voice-triage tls renew --name frontdesk.local --name 192.168.1.21
    """
    _, files = _files()
    made = files.renew(tuple(name or ()))
    _record("renew")
    result(f"The certificate is valid until {made.ends_at:%B %d, %Y}, for: {', '.join(made.names)}")
    result(f"SHA-256 of the certificate: {made.fingerprint}")
    note("It is used from the next start of voice-triage on.")


def show() -> None:
    """Show addresses, fingerprints and until when the certificate is valid, and how other machines trust it.

    Examples:
      voice-triage tls show
    """
    settings, files = _files()
    _tell(files.read(), settings)


def _files() -> tuple[Settings, CertificateFiles]:
    from voice_triage.settings import load_settings
    from voice_triage.tls.certificate_files import CertificateFiles

    settings = load_settings()
    return settings, CertificateFiles(settings.data_dir)


def _record(change: str) -> None:
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.settings import load_settings

    with protection.trail_at_hand(load_settings()) as audit:
        audit.record(AuditKind.SETTING, who=COMMAND_LINE, call="", setting="certificate", change=change)


def _tell(made: Certificate, settings: Settings) -> None:
    from voice_triage.tls.certificate_files import CertificateFiles
    from voice_triage.tls.trust import TRUST

    for each in made.names:
        host = f"[{each}]" if ":" in each else each
        result(f"Address: https://{host}:{settings.serve_port}/sign-in")
    result(f"SHA-256 of the authority:   {made.authority_fingerprint}")
    result(f"SHA-256 of the certificate: {made.fingerprint}")
    result(
        f"The certificate is valid until {made.ends_at:%B %d, %Y}, "
        f"the authority until {made.authority_ends_at:%B %d, %Y}."
    )
    result("")
    result(TRUST.format(file=made.authority_path, name=made.authority_path.name).rstrip())
    if warning := CertificateFiles(settings.data_dir).warning(made):
        note(warning)
    if not settings.serve_address:
        note("Other machines are served when serve_address is set, for example: VOICE_TRIAGE_SERVE_ADDRESS=0.0.0.0")


register(app, "init", init)
register(app, "renew", renew)
register(app, "show", show)
