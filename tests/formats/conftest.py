"""A Flee instance of four places, small enough to work by hand, and where the published ones are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from corridor.formats.flee import FleeInstance, read_flee_instance
from corridor.formats.flee.model import Law

PUBLISHED = Path(__file__).parents[3] / "shared" / "flee"

TINY = {
    "input_csv/locations.csv": """\
#name,region,country,latitude,longitude,location_type,conflict_date,population
Alpha,North,Homeland,1.0,10.0,conflict_zone,0,50000
Beta,North,Homeland,1.5,10.5,town,,
Camp One,East,Abroad,2.0,11.0,camp,,20000
CampTwo,East,Abroad,2.5,11.5,camp,,10000
""",
    "input_csv/routes.csv": """\
#name1,name2,distance,forced_redirection
Alpha,Beta,100,0
Beta,Camp One,150,0
Beta,CampTwo,300,
""",
    "input_csv/closures.csv": "#closure_type,name1,name2,closure_start,closure_end\n",
    "input_csv/conflicts.csv": "#Day,Alpha,Beta,Camp One,CampTwo\n"
    + "".join(f"{day},1,0,0,0\n" for day in range(20)),
    "input_csv/sim_period.csv": "StartDate,2020-01-01\nLength,20\n",
    "source_data/data_layout.csv": "total,refugees.csv\nCamp One,one.csv\nCampTwo,two.csv\n",
    "source_data/refugees.csv": "2020-01-01,500\n2020-02-01,6000\n",
    "source_data/one.csv": "2020-01-01,300\n2020-02-01,4000\n",
    "source_data/two.csv": "2020-01-01,200\n2020-02-01,2000\n",
    "settings.yml": """\
spawn_rules:
  conflict_spawn_decay: [1.0,1.0,1.0,0.5,0.1]
move_rules:
  max_move_speed: 400.0
  default_movechance: 0.5
  capacity_scaling: 1.25
optimisations:
  hasten: 1
""",
}


@dataclass(frozen=True)
class TinyInstance:
    """The files of the tiny instance in a folder, to be damaged one way."""

    folder: Path

    def path(self, file: str) -> Path:
        return self.folder / file

    def write(self, file: str, text: str | bytes) -> None:
        content = text if isinstance(text, bytes) else text.encode()
        self.path(file).write_bytes(content)

    def replace(self, file: str, old: str, new: str) -> None:
        text = self.path(file).read_text()
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def append(self, file: str, text: str) -> None:
        self.write(file, self.path(file).read_text() + text)

    def setting(self, section: str, line: str) -> None:
        """Add a line to a section of the settings."""
        self.replace("settings.yml", f"{section}:\n", f"{section}:\n  {line}\n")

    def read(
        self,
        *,
        days: int | None = None,
        hasten: int | None = None,
        location_changes: Path | None = None,
        law: Law = "as-run",
    ) -> FleeInstance:
        return read_flee_instance(
            self.folder / "input_csv",
            self.folder / "source_data",
            self.folder / "settings.yml",
            days=days,
            hasten=hasten,
            location_changes=location_changes,
            law=law,
        )

    def told(self, text: str) -> str:
        """Return a message without the name of the temporary folder."""
        return text.replace(f"{self.folder}/", "")


@pytest.fixture
def tiny(tmp_path: Path) -> TinyInstance:
    """The undamaged instance in a folder of its own."""
    instance = TinyInstance(tmp_path)
    for file, text in TINY.items():
        instance.path(file).parent.mkdir(exist_ok=True)
        instance.write(file, text)
    return instance


@pytest.fixture(scope="session")
def published() -> Path:
    """The published instances with reference output; skips where the folder is not there."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published Flee instances (../shared/flee) are not here")
    return PUBLISHED
