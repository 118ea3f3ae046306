"""``accounts``: who may sign in at the console. It works while the product runs, and tells nobody's password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.accounts.roles import ROLE_WORDS, Role
from voice_triage.commands.output import note, result, result_json
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.accounts.sign_in import SignIn

app = typer.Typer(
    help="List, add, change and close accounts: who may sign in to review calls or to look after the product.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Account = Annotated[str, typer.Argument(metavar="NAME", help="The sign-in name.")]
Password = Annotated[
    str | None,
    typer.Option("--password-file", metavar="FILE", help="Its first line is the password; - reads standard input."),
]


def list_accounts(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per account and line.")] = False,
) -> None:
    """List the accounts: sign-in name, role, name, whether it is closed.

    Examples:
      voice-triage accounts list
    """
    with _accounts() as sign_in:
        accounts = sign_in.accounts.all()
    for account in accounts:
        if as_json:
            told = {"id": account.id, "name": account.name, "role": account.role.value, "closed": account.disabled}
            result_json({**told, "must_change": account.must_change, "changed_at": account.changed_at})
        else:
            closed = "  closed" if account.disabled else ""
            result(f"{account.id:<16} {ROLE_WORDS[account.role]:<17} {account.name}{closed}")
    if not accounts:
        note("There are no accounts yet. The desk needs none; the first one is made when Review is opened there.")


def add(
    account: Account,
    role: Annotated[Role, typer.Option("--role", help="What the person may do.")],
    name: Annotated[str, typer.Option("--name", help="The person's name.")],
    password_file: Password = None,
) -> None:
    """Add an account. Its owner has to change the password at the first sign-in.

    Examples:
      voice-triage accounts add sue --role supervisor --name "Sue Doe"
    """
    from voice_triage.audit_trail import COMMAND_LINE

    with _accounts() as sign_in:
        made = sign_in.add(account, name, role, _password(password_file), who=COMMAND_LINE)
    result(f"{made.id} is there. Tell its owner the password; it has to be changed at the first sign-in.")


def role(account: Account, role: Annotated[Role, typer.Argument(help="What the person may do from now on.")]) -> None:
    """Give an account another role; its owner has to sign in again.

    Examples:
      voice-triage accounts role sue administrator
    """
    from voice_triage.audit_trail import COMMAND_LINE

    with _accounts() as sign_in:
        sign_in.set_role(account, role, who=COMMAND_LINE)
    result(f"{account}: {ROLE_WORDS[role]}.")


def reset(account: Account, password_file: Password = None) -> None:
    """Set another password, and sign the account out everywhere. Also for a forgotten administrator's password.

    Examples:
      voice-triage accounts reset sue
    """
    from voice_triage.audit_trail import COMMAND_LINE

    with _accounts() as sign_in:
        sign_in.accounts.get(account)
        sign_in.reset_password(account, _password(password_file), who=COMMAND_LINE, must_change=True)
    result(f"The password of {account} is set. It has to be changed at the next sign-in.")


def disable(
    account: Account,
    again: Annotated[bool, typer.Option("--undo", help="Open the account again.")] = False,
) -> None:
    """Close an account, and sign it out everywhere. It is never deleted: the audit trail goes on naming it.

    Examples:
      voice-triage accounts disable sue
      voice-triage accounts disable sue --undo
    """
    from voice_triage.audit_trail import COMMAND_LINE

    with _accounts() as sign_in:
        sign_in.set_disabled(account, not again, who=COMMAND_LINE)
    result(f"{account} is open again." if again else f"{account} is closed and signed out everywhere.")


@contextmanager
def _accounts() -> Iterator[SignIn]:
    from voice_triage import admission, protection
    from voice_triage.settings import load_settings

    settings = load_settings()
    with protection.trail_at_hand(settings) as audit:
        yield admission.sign_in(settings, audit)


def _password(file: str | None) -> str:
    """A new password: from a file, from standard input, or asked for twice without showing it. Raises AccountError."""
    import sys
    from getpass import getpass
    from pathlib import Path

    from voice_triage.errors import AccountError

    if file is None:
        first = getpass("New password: ")
        if getpass("Again: ") != first:
            raise AccountError("The two passwords are not the same. Nothing was changed.")
        return first
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AccountError(f"The password cannot be read from {file} ({error}).") from error
    return text.splitlines()[0] if text else ""


register(app, "list", list_accounts)
register(app, "add", add)
register(app, "role", role)
register(app, "reset", reset)
register(app, "disable", disable)
