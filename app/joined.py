"""Where storage is joined to the workflow: the ports of a workspace, and the demo workspace made new."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.version import PROGRAM
from app.workflow.ports import Ports
from measure.refusal import Refused
from measure.session import Session
from storage.database.passwords import Argon2Passwords
from storage.database.workspace import Workspace, create_workspace, exists, open_workspace

Steps = Callable[[int, int, str], None]
"""Progress of making the demo: done, total, what was done last. It raises to cancel."""


def ports_of(workspace: Workspace) -> Ports:
    """The outside of the workflow for an open workspace."""
    from storage.protocol_file import read_protocol
    from storage.workspace_images import WorkspaceImages

    return Ports(
        open_unit=workspace.unit,
        passwords=Argon2Passwords(light=workspace.demo),
        images=WorkspaceImages(workspace.folder),
        read_protocol=read_protocol,
        now=workspace.now,
        program=PROGRAM,
        demo=workspace.demo,
    )


def make_demo(folder: Path, said: Steps) -> Workspace:
    """Make the demo workspace beside its place, and move it there when it is whole; cancelled, nothing is left."""
    from app.workflow.demo_trial import import_patient, set_up
    from measure.phantom.cast import demo_cast
    from storage.demo_images import write_subjects
    from storage.places import shipped

    if exists(folder):
        raise Refused(f"{folder} already holds a workspace. Choose another folder.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        elif folder.exists():
            raise Refused(f"{folder} is not empty. Choose another folder for the demo.")
        room = Path(tempfile.mkdtemp(prefix=".coread-demo-", dir=folder.parent))
    except OSError as problem:
        raise Refused(f"{folder}: the demo cannot be made here ({problem.strerror}). Choose another folder.") from None
    try:
        _fill(
            room,
            said,
            import_patient,
            set_up,
            demo_cast(),
            write_subjects,
            shipped("protocols", "demo.toml").read_text("utf-8"),
        )
        (room / "workspace").rename(folder)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return open_workspace(folder, program=PROGRAM)


def _fill(room: Path, said: Steps, import_patient, set_up, cast, write_subjects, protocol: str) -> None:  # type: ignore[no-untyped-def]
    workspace = create_workspace(room / "workspace", demo=True, program=PROGRAM)
    try:
        ports = ports_of(workspace)
        manager = set_up(ports, protocol)
        patients = {patient.number: patient for patient in cast}
        total = sum(len(patient.timepoints) for patient in cast)
        done = 0

        def step(words: str) -> None:
            nonlocal done
            done += 1
            said(done, total, words)

        said(0, total, "drawing synthetic patients")
        writing = write_subjects(list(patients), room / "dicom")
        try:
            for number in writing:
                import_patient(ports, manager, patients[number], room / "dicom" / number, step)
                shutil.rmtree(room / "dicom" / number, ignore_errors=True)
        finally:
            writing.close()
        workspace.set("made", "whole")
    finally:
        workspace.close()


class Exporter:
    """Writes a trial's export and notes it: the manager's tab and the command line use the same."""

    def __init__(self, workspace: Workspace) -> None:
        self._ports = ports_of(workspace)

    def export(self, session: Session, folder: Path, *, blinded: bool) -> dict[str, Any]:
        """Write the files of the session's trial; returns the manifest."""
        from app.workflow.export_trial import export_rows, note_export
        from storage.export.trial_export import check_folder, write_trial

        check_folder(folder)
        manifest = write_trial(export_rows(self._ports, session, blinded=blinded), folder)
        note_export(self._ports, session, manifest, blinded=blinded)
        return manifest
