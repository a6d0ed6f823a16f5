"""Spellings of a secret in an address, for the tests of whatever reads, stores or shows one."""

from __future__ import annotations

S = "hunter2secret"
SPELLINGS = [
    (f"https://ana:{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:{S}@index.example:8443/simple", "https://index.example:8443/simple"),
    (f"https://:{S}@index.example", "https://index.example"),
    (f"https://{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:{S}@@index.example/simple", "https://index.example/simple"),
    (f"https://ana:a@{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:a/{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:a#{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:a?{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:a%40{S}@index.example/simple", "https://index.example/simple"),
    (f"https://ana:{S}/@index.example/simple", "https://index.example/simple"),
    (f"https://ana@corp.example:{S}@index.example/simple", "https://index.example/simple"),
    (f"git+https://x:{S}@git.example/a.git@main", "git+https://git.example/a.git@main"),
    (f"git+https://{S}@git.example/a.git@v1.0#egg=a", "git+https://git.example/a.git@v1.0#egg=a"),
    (f"a @ https://ana:{S}@files.example/a-1.0-py3-none-any.whl", "a @ https://files.example/a-1.0-py3-none-any.whl"),
    (f"https://conda.example/t/{S}/chan", "https://conda.example/chan"),
    (f"https://conda.example/t/{S}", "https://conda.example"),
    (f"https://conda.example/t/{S}/chan/linux-64::numpy", "https://conda.example/chan/linux-64::numpy"),
    (f"https://files.example/a.whl?token={S}", "https://files.example/a.whl?"),
    (f"https://files.example/a.whl?v=1&access_token={S}&x=2", "https://files.example/a.whl?v=1&&x=2"),
    (f"https://store.example/b?sv=2020&sig={S}", "https://store.example/b?sv=2020&"),
    (f"https://s3.example/b?X-Amz-Signature={S}", "https://s3.example/b?"),
    (f"https://files.example/a?api_key={S}#sha256=0", "https://files.example/a?#sha256=0"),
    (f"postgres://ml:{S}@db.example/features", "postgres://db.example/features"),
    (f"postgresql+psycopg://ml:{S}@db.example:5432/f?ssl=1", "postgresql+psycopg://db.example:5432/f?ssl=1"),
    (f"redis://:{S}@cache.example:6379/0", "redis://cache.example:6379/0"),
    (f"mongodb+srv://u:{S}@m.example", "mongodb+srv://m.example"),
    (f"amqp://u:{S}@localhost:5672", "amqp://localhost:5672"),
    (f"--index-url https://u:{S}@i.example/s --pre", "--index-url https://i.example/s --pre"),
    (f"RUN pip install -i https://u:{S}@i.example/s x", "RUN pip install -i https://i.example/s x"),
    (f'ENV DB="postgres://u:{S}@db.example/f"', 'ENV DB="postgres://db.example/f"'),
    (f"http://u:{S}@[::1]:8080/x", "http://[::1]:8080/x"),
]
"""Spellings of a secret in an address, and what is left of each."""
