"""conda's environment.yml (being written)."""

from envstudio.formats.format import Format

FORMAT = Format("conda", "conda environment.yml", ("environment.yml", "environment.yaml"), lambda source: False)
