"""Other machines: over TLS alone, with real sockets; what they may ask for, and what stays at the desk."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.console.clinic_people import PASSWORD, PEOPLE, ClinicPeople, clinic_people, mark_of
from tests.console.test_roles_http import CALLS, address_of, ask
from voice_triage.console.access import ROUTES
from voice_triage.console.beyond import BeyondServer
from voice_triage.console.serving import listen
from voice_triage.errors import ConsoleError, TlsError
from voice_triage.tls.certificate_files import Certificate, CertificateFiles

NAMES = ("127.0.0.1", "localhost")
"""Real sockets on this machine; every rule is that of any other address."""


@dataclass
class Beyond:
    """A clinic whose desk is reached from other machines."""

    clinic: ClinicPeople
    certificate: Certificate
    server: BeyondServer

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.server.port}"

    def trusting(self) -> ssl.SSLContext:
        """A machine that trusts the clinic's authority, and nothing else."""
        return ssl.create_default_context(cafile=str(self.certificate.authority_path))

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers={"origin": self.address}, verify=self.trusting())


@pytest.fixture(scope="module")
def beyond(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beyond]:
    """With kept calls; nothing here changes what another test looks at."""
    folder: Path = tmp_path_factory.mktemp("clinic")
    certificate = CertificateFiles(folder).init(NAMES)
    with clinic_people(folder, beyond_names=certificate.names) as clinic:
        clinic.keep_calls()
        server = BeyondServer("127.0.0.1", 0, certificate.path, certificate.key_path)
        clinic.server.serve_beyond(server)
        yield Beyond(clinic, certificate, server)


@pytest.fixture(scope="module")
def browsers(beyond: Beyond) -> Iterator[dict[str, httpx.Client]]:
    """One for each person on another machine, and one that nobody signed in with."""
    found = {name: beyond.clinic.signed_in(name, beyond.browser()) for name in PEOPLE}
    found["nobody"] = beyond.browser()
    yield found
    for client in found.values():
        client.close()


def test_a_machine_that_trusts_the_authority_connects_and_another_does_not(beyond: Beyond) -> None:
    """The name is checked as well: a certificate for this machine is none for another name."""
    assert httpx.get(f"{beyond.address}/healthz", verify=beyond.trusting()).status_code == 200
    with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        httpx.get(f"{beyond.address}/healthz", verify=ssl.create_default_context())
    with (
        socket.create_connection(("127.0.0.1", beyond.server.port), 30) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        beyond.trusting().wrap_socket(connection, server_hostname="frontdesk.example")


@pytest.mark.parametrize("names", [("127.0.0.1",), ("localhost",), ("::1", "127.0.0.1", "frontdesk.local")])
def test_a_certificate_of_addresses_alone_or_names_alone_is_trusted_too(tmp_path: Path, names: tuple[str, ...]) -> None:
    """The authority's constraints hold for what is asked for, not for how the certificate is titled."""
    made = CertificateFiles(tmp_path).init(names)
    host = "localhost" if names == ("localhost",) else "127.0.0.1"
    with clinic_people(tmp_path, people=False, beyond_names=made.names) as clinic:
        server = BeyondServer("127.0.0.1", 0, made.path, made.key_path)
        clinic.server.serve_beyond(server)
        trusting = ssl.create_default_context(cafile=str(made.authority_path))
        assert httpx.get(f"https://{host}:{server.port}/healthz", verify=trusting).status_code == 200


def test_old_tls_and_plain_requests_get_nothing(beyond: Beyond) -> None:
    """Below TLS 1.2 there is no answer, without TLS neither; on the desk's own port TLS finds nobody."""
    old = beyond.trusting()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSVersion"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", beyond.server.port), 30) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(connection, server_hostname="127.0.0.1")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{beyond.server.port}/healthz")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"https://127.0.0.1:{beyond.clinic.server.port}/healthz", verify=beyond.trusting())


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "2001:db8::1", "10.0.0.1"])
def test_without_tls_no_address_but_loopback_is_served(address: str) -> None:
    """And the refusal says what to do."""
    with pytest.raises(TlsError, match=r"over TLS only.*voice-triage tls init"):
        listen(address, 0)


def test_an_address_that_is_none_is_refused_with_an_example() -> None:
    """Host names too: which address is meant must be plain."""
    for none in ("frontdesk", "", "1.2.3", "127.0.0.1:80"):
        with pytest.raises(ConsoleError, match="no address of a machine"):
            listen(none, 0)


def test_a_certificate_that_cannot_be_used_serves_nobody(tmp_path: Path) -> None:
    """The desk's own server is another one: it goes on."""
    made = CertificateFiles(tmp_path).init(NAMES)
    other = CertificateFiles(tmp_path / "other").init(NAMES)
    with clinic_people(tmp_path) as clinic:
        for key in (other.key_path, tmp_path / "none"):
            with pytest.raises(TlsError, match="tls renew"):
                clinic.server.serve_beyond(BeyondServer("127.0.0.1", 0, made.path, key))
        assert httpx.get(f"{clinic.address}/healthz").status_code == 200


@pytest.mark.parametrize(("method", "template"), ROUTES, ids=" ".join)
def test_from_another_machine_the_table_decides_as_well(
    beyond: Beyond, browsers: dict[str, httpx.Client], method: str, template: str
) -> None:
    """Every route with every role and with none; nothing of the live desk is among what is open."""
    access = ROUTES[method, template]
    if method == "POST" and access.public:
        return
    for who, client in browsers.items():
        allowed = access.public or (who != "nobody" and PEOPLE[who] in access.beyond)
        status = ask(client, method, address_of(template, "handed"))
        if template == "/open":
            assert status == 403
        elif "{call}" in template and allowed and who == "amy":
            assert status == 404, "Ben's call"
        elif method == "POST" and template.startswith(("/api/review/", "/api/teaching/")) and allowed:
            assert status == 422, "asked for without saying what"
        elif method == "POST":
            assert status == 403, "the gate, or a form that is not its own"
        else:
            assert (status not in (303, 403)) == allowed, (who, status)


def test_the_desks_link_opens_nothing_from_another_machine(beyond: Beyond) -> None:
    """Neither the token nor the desk's own cookie is worth anything there."""
    with beyond.browser() as client:
        token = beyond.clinic.server.new_url().split("token=")[1]
        assert client.get(f"/open?token={token}").status_code == 403
        secret = beyond.clinic.sessions.admit(token)
        assert secret is not None, "it was not used up either"
        for name in (f"voice_triage_{beyond.server.port}", f"voice_triage_{beyond.clinic.server.port}"):
            for path in ("/", "/api/call", "/back", "/first-administrator"):
                answer = client.get(path, headers={"cookie": f"{name}={secret}"})
                assert answer.status_code in (303, 403), path


def test_a_session_of_one_server_is_none_of_the_other(beyond: Beyond) -> None:
    """A cookie that was stolen at the desk is worth nothing from another machine, and the other way round."""
    clinic = beyond.clinic
    with closing(clinic.signed_in("sue")) as here, closing(clinic.signed_in("sue", beyond.browser())) as there:
        mine, theirs = (next(v for n, v in c.cookies.items() if "person" in n) for c in (here, there))
        wrong = {"cookie": f"__Host-voice_triage_person_{beyond.server.port}={mine}"}
        assert httpx.get(f"{beyond.address}/account", headers=wrong, verify=beyond.trusting()).status_code == 303
        wrong = {"cookie": f"voice_triage_person_{clinic.server.port}={theirs}"}
        assert httpx.get(f"{clinic.address}/account", headers=wrong).status_code == 303


def test_over_tls_the_cookie_never_goes_without_it(beyond: Beyond) -> None:
    """Secure, for this host alone, for no script and no other site; it ends with the browser."""
    with beyond.browser() as client:
        mark = mark_of(client.get("/sign-in").text)
        answer = client.post("/sign-in", data={"mark": mark, "name": "sue", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"__Host-voice_triage_person_{beyond.server.port}=")
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert parts == {"httponly", "samesite=strict", "secure", "path=/"}


def test_the_machines_name_alone_leads_to_where_one_can_go_on(browsers: dict[str, httpx.Client]) -> None:
    """To the sign-in, or to one's own account with its links; not to the live desk."""
    assert browsers["nobody"].get("/").headers["location"] == "/sign-in"
    assert browsers["sue"].get("/").headers["location"] == "/account"


def test_only_the_certificates_names_are_served(beyond: Beyond, browsers: dict[str, httpx.Client]) -> None:
    """A foreign name that was made to point at this machine reads nothing, even with a session."""
    port = beyond.server.port
    for host in ("attacker.example", f"attacker.example:{port}", "127.0.0.1", f"127.0.0.2:{port}", f"[::1]:{port}"):
        assert browsers["sue"].get("/account", headers={"host": host}).status_code == 421, host
    named = {"host": f"LOCALHOST:{port}", "origin": f"https://localhost:{port}"}
    assert browsers["sue"].get("/account", headers=named).status_code == 200


def test_technicians_and_supervisors_see_what_is_theirs(browsers: dict[str, httpx.Client]) -> None:
    """The board, and the calls: a technician's are those that were handed off, a supervisor's all."""
    for who, calls in {"amy": {"amys"}, "tess": {"handed"}, "sue": CALLS}.items():
        for call in CALLS:
            answer = browsers[who].get(f"/api/calls/{call}/card")
            assert answer.status_code == (200 if call in calls else 404), (who, call)
    assert browsers["tess"].get("/back").status_code == 200
    assert browsers["amy"].get("/back").status_code == 403
