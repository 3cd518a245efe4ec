"""A broker that asks who one is: listeners with TLS and SASL beside the plain one.

Certificates are made by ``openssl`` when the broker starts: an authority of its own, a certificate
for 127.0.0.1, one for clients, and another authority that signed nothing. ``ada`` may sign in by
PLAIN and by both kinds of SCRAM.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from tests.services.kafka import LIMIT_S, KafkaCluster, free_ports

USER: Final = "ada"
PASSWORD: Final = "enigma-77-violet"
_DAYS: Final = "2"
_SCRAM: Final = (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)
_PROTOCOLS: Final = ("SSL", "SASL_PLAINTEXT", "SASL_SSL")


class Certificates:
    """PEM files in a folder.

    Attributes:
        authority: The certificate of who signed the others.
        stranger: That of another authority.
        broker: Key and certificate of the broker, in one file.
        client: The same of a client.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self.authority = self._make_authority("authority")
        self.stranger = self._make_authority("stranger")
        self.broker = self._make("broker", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.client = self._make("client", "subjectAltName=DNS:client")

    def _make_authority(self, name: str) -> Path:
        self._openssl(
            "req", "-x509", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-subj", f"/CN={name}", "-days", _DAYS,
        )  # fmt: skip
        return self._folder / f"{name}.pem"

    def _make(self, name: str, extension: str) -> Path:
        signed = ("-CA", "authority.pem", "-CAkey", "authority.key")
        self._openssl(
            "req", "-x509", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.crt",
            "-subj", f"/CN={name}", "-days", _DAYS, "-addext", extension,
            "-addext", "basicConstraints=critical,CA:FALSE", *signed,
        )  # fmt: skip
        both = self._folder / f"{name}.pem"
        parts = (self._folder / f"{name}{ending}" for ending in (".key", ".crt"))
        both.write_text("".join(part.read_text() for part in parts))
        return both

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(("openssl", *arguments), cwd=self._folder, check=True, capture_output=True)


_NEW_KEY: Final = (
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
)  # fmt: skip


class SecureKafka(KafkaCluster):
    """One broker; ``servers`` says where each protocol is spoken.

    Args:
        folder: A folder that does not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "kafka")
        self.certificates = Certificates(folder / "certificates")
        ports = dict(zip(_PROTOCOLS, free_ports(len(_PROTOCOLS)), strict=True))
        self.servers = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        self.broker.add_listeners(self.servers, self._settings())

    def _settings(self) -> dict[str, str]:
        module = "org.apache.kafka.common.security.{}LoginModule required"
        plain = module.format("plain.Plain") + f' user_{USER}="{PASSWORD}";'
        scram = module.format("scram.Scram") + ";"
        settings = {
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.certificates.broker),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.certificates.authority),
            "listener.name.ssl.ssl.client.auth": "requested",
        }
        for listener in ("sasl_plaintext", "sasl_ssl"):
            name = f"listener.name.{listener}"
            settings[f"{name}.plain.sasl.jaas.config"] = plain
            settings[f"{name}.scram-sha-256.sasl.jaas.config"] = scram
            settings[f"{name}.scram-sha-512.sasl.jaas.config"] = scram
        return settings

    def add_user(self) -> None:
        """Let the user sign in by SCRAM; PLAIN is in the broker's settings."""
        for mechanism in _SCRAM:
            kind = ScramCredentialInfo(mechanism, 4096)
            change = UserScramCredentialUpsertion(USER, kind, PASSWORD.encode())
            self.admin.alter_user_scram_credentials([change])[USER].result(LIMIT_S)
