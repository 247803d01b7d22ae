"""A certificate for 127.0.0.1, for tests of TLS."""

import shutil
import subprocess
from pathlib import Path

import pytest


def self_signed(folder: Path) -> tuple[str, str]:
    """Make a self-signed certificate and return its file and its key's; skip the test without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not there")
    made, key = str(folder / "made.pem"), str(folder / "key.pem")
    asked = f"-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout {key} -out {made}".split()
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, "req", *asked, *named], check=True, capture_output=True)
    return made, key
