"""How a machine is made to trust the clinic's authority: what ``tls init`` prints and ``docs/accounts.md`` holds."""

from __future__ import annotations

from typing import Final

TRUST: Final = """\
On each machine that is to reach this one, once:
1. Copy {file} there (USB stick or a shared folder; it holds no secret).
2. Compare its fingerprint with the one above, then have the machine trust it:
   Windows        right-click the file, Install Certificate, Local Machine, Place all certificates in the following
                  store: Trusted Root Certification Authorities. Or as administrator:
                    certutil -addstore Root {name}
                  fingerprint: certutil -hashfile shows another one; use certutil -dump {name} (Cert Hash sha256)
   macOS          open the file, add it to the keychain System, open it there, Trust: Always Trust. Or:
                    sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {name}
                  fingerprint: openssl x509 -noout -fingerprint -sha256 -in {name}
   Linux          Debian, Ubuntu: sudo cp {name} /usr/local/share/ca-certificates/ && sudo update-ca-certificates
                  Fedora: sudo cp {name} /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust
                  Chrome and Chromium keep their own list: Settings, Privacy and security, Security, Manage
                  certificates, Authorities, Import.
                  fingerprint: openssl x509 -noout -fingerprint -sha256 -in {name}
   Firefox        on every system: Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import;
                  tick "Trust this CA to identify websites". View shows the fingerprint.
"""
"""To be filled in with the file's path and name."""
