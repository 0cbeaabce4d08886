"""A reader in a process of its own, to be killed: prints a line after each step that was acknowledged.

`python -m tests.build.reading_child WORKSPACE SEED`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

from app.joined import PROGRAM, ports_of
from app.workflow.demo_trial import session_of
from app.workflow.worklist import worklist
from storage.database.workspace import open_workspace
from tests.build.scripted_read import steps, stored_counts


def read_all(folder: Path, seed: int) -> None:
    """Read what is on the worklist; after each step say what is stored."""
    ports = ports_of(open_workspace(folder, program=PROGRAM))
    reader = session_of(ports, "reader.one")
    print(json.dumps({"step": "ready", "stored": stored_counts(ports, reader)}), flush=True)
    while items := worklist(ports, reader):
        for word in steps(ports, reader, items[0].subject_id, Random(seed)):
            print(json.dumps({"step": word, "stored": stored_counts(ports, reader)}), flush=True)
    print(json.dumps({"step": "all read", "stored": stored_counts(ports, reader)}), flush=True)


if __name__ == "__main__":
    read_all(Path(sys.argv[1]), int(sys.argv[2]))
