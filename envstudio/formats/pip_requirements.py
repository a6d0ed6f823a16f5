"""pip's requirements.txt (being written)."""

from envstudio.formats.format import Format

FORMAT = Format("pip", "pip requirements.txt", ("requirements.txt",), lambda source: False)
