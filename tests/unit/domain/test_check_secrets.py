"""What is taken for a secret: what has the form of one, and what the name says is one."""

from __future__ import annotations

import pytest

from envstudio.domain.check_secrets import looks_secret


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("DB_PASSWORD_2", "hunter2"),
        ("PGPASSWORD", "pg"),
        ("db-pwd", "abc"),
        ("apiKey", "abc"),
        ("SSH_KEY", "abc"),
        ("CLIENT_SECRET", "/wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYzz"),
        ("API_KEY_OPENAI", "0123456789"),
        ("AWS_ACCESS_KEY_ID", "AKIA" + "A" * 16),
        ("X", "hf_" + "a" * 30),
        ("DATABASE_URL", "postgresql://ana:hunter2@db.example/churn"),
    ],
)
def test_a_secret_is_seen_whatever_its_length(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "$(cat /run/secrets/db)"),
        ("DB_PASSWORD", "%DB_PASSWORD%"),
        ("DB_PASSWORD", "{{ db.password }}"),
        ("DB_PASSWORD", "<your password>"),
        ("CLIENT_SECRET", "XXX"),
        ("ALLOW_EMPTY_PASSWORD", "yes"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/run/secrets/key.json"),
        ("SSH_KEY", "~/.ssh/id_ed25519"),
        ("SSH_KEY", r"C:\Users\me\key.pem"),
        ("PWD", "/srv/work"),
        ("TOKENIZERS_PARALLELISM", "disabled"),
        ("MAX_TOKENS", "4096"),
        ("DATABASE_URL", "postgresql://ana:${PGPASSWORD}@db.example/churn"),
        ("DATABASE_URL", "postgresql://ana@db.example/churn"),
        ("TOKEN_URL", "https://login.example/token"),
        ("SECRET_NAME", "churn"),
        ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAA"),
        ("KEYBOARD", "german-layout"),
        ("MONKEY", "banana-banana"),
    ],
)
def test_references_placeholders_and_what_is_no_secret_pass(name: str, value: str) -> None:
    assert not looks_secret(name, value)
