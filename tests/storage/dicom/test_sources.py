"""What is read and what is not: archives, links, disc directories, hostile names."""

from __future__ import annotations

import gc
import io
import os
import stat
import struct
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian

from measure.refusal import Refused
from storage.dicom import archives
from storage.dicom.load import Scan, load_series, scan
from tests.build.dicom import ct_series, pixels_of, write


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def zipped(place: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(place, "w", method) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return place


def reasons(found: Scan) -> dict[str, str]:
    return {one.path: one.reason for one in found.left_out}


def test_a_zip_opens_like_the_folder_it_was_made_from(tmp_path: Path) -> None:
    folder = write(tmp_path / "disc", ct_series(5))
    archive = zipped(tmp_path / "disc.zip", {f"Study/{name}": c for name, c in files_of(folder).items()})
    assert np.array_equal(load_series(archive).array, load_series(folder).array)


def test_a_zip_inside_a_folder_and_a_zip_inside_it_are_read_too(tmp_path: Path) -> None:
    one = files_of(write(tmp_path / "a", ct_series(4, series="a")))
    two = files_of(write(tmp_path / "b", ct_series(4, series="b")))
    inner = zipped(tmp_path / "inner.zip", two).read_bytes()
    (tmp_path / "disc").mkdir()
    zipped(tmp_path / "disc" / "outer.zip", {**one, "more/inner.zip": inner, "notes.txt": b"hello there, no image"})
    found = scan(tmp_path / "disc")
    assert [len(stack.images) for stack in found.stacks] == [4, 4]
    assert reasons(found) == {f"{tmp_path}/disc/outer.zip/notes.txt": "not a DICOM file"}


def test_what_was_unpacked_is_gone_with_what_was_read(tmp_path: Path, own_temporary_folder: Path) -> None:
    archive = zipped(tmp_path / "disc.zip", files_of(write(tmp_path / "disc", ct_series(4))))
    found = scan(archive)
    (stack,) = found.stacks
    del found
    gc.collect()
    (folder,) = own_temporary_folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert Path(stack.images[0].path).is_file()
    del stack
    gc.collect()
    assert not list(own_temporary_folder.iterdir())


def test_a_folder_left_by_a_killed_program_is_swept_away(tmp_path: Path, own_temporary_folder: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    left = own_temporary_folder / f"coread-zip-{child}-abc"
    left.mkdir()
    (left / "000001").write_bytes(b"a name")
    alive = own_temporary_folder / f"coread-zip-{os.getppid()}-abc"
    alive.mkdir()
    scan(zipped(tmp_path / "disc.zip", files_of(write(tmp_path / "disc", ct_series(3)))))
    assert not left.exists()
    assert alive.exists()


@pytest.mark.parametrize(
    "name",
    ["../../evil.dcm", "/etc/evil.dcm", "C:\\evil.dcm", "a/../../evil.dcm", "..\\evil.dcm", "\\\\host\\share\\e"],
)
def test_an_entry_whose_name_leads_elsewhere_is_named_and_not_read(
    tmp_path: Path, own_temporary_folder: Path, name: str
) -> None:
    content = files_of(write(tmp_path / "disc", ct_series(4)))
    before = {str(p) for p in tmp_path.rglob("*")} | {f"{tmp_path}/disc.zip"}
    found = scan(zipped(tmp_path / "disc.zip", {**content, name: b"x" * 400}))
    assert [len(stack.images) for stack in found.stacks] == [4]
    assert [one.reason for one in found.left_out] == ["its name leads out of the archive: not read"]
    assert {str(p) for p in tmp_path.rglob("*")} == before
    assert not list(own_temporary_folder.rglob("*evil*"))


def test_links_and_encrypted_entries_of_an_archive_are_named_and_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "disc.zip", "w") as opened:
        link = zipfile.ZipInfo("link.dcm")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/hostname")
        opened.writestr("secret.dcm", b"0123456789" * 40)
        opened.writestr("bzip.dcm", b"0123456789" * 40, zipfile.ZIP_BZIP2)
    content = bytearray((tmp_path / "disc.zip").read_bytes())
    place = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    content[place + 8] |= 1  # the flag of encryption, in the central directory
    (tmp_path / "disc.zip").write_bytes(content)
    assert [one.reason for one in scan(tmp_path / "disc.zip").left_out] == [
        "a link or device in an archive: not read",
        "encrypted in the archive: unpack it with its password first",
        "compressed by a method that is not opened: unpack it first",
    ]


def test_a_zip_bomb_gives_nothing_within_its_bound(
    tmp_path: Path, own_temporary_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LEAST_BUDGET", 1 << 20)
    good = files_of(write(tmp_path / "disc", ct_series(4)))
    found = scan(zipped(tmp_path / "bomb.zip", {**good, "bomb.dcm": b"\0" * (1 << 24)}))
    assert not found.stacks
    (left_out,) = found.left_out
    assert "unpacks to more than" in left_out.reason
    assert not [p for p in own_temporary_folder.rglob("*") if p.is_file()]


def test_a_bomb_that_lies_about_its_size_or_hides_in_archives_is_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LEAST_BUDGET", 1 << 20)
    inner = b"\0" * (1 << 19)
    for _ in range(2):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
            for k in range(8):
                opened.writestr(f"{k}.zip", inner)
        inner = buffer.getvalue()
    found = scan(zipped(tmp_path / "nested.zip", {"a.zip": inner}))
    assert [one.reason for one in found.left_out if "unpacks to more than" in one.reason]
    liar = bytearray(zipped(tmp_path / "liar.zip", {"bomb.dcm": b"\0" * (1 << 24)}).read_bytes())
    place = liar.index(b"PK\x01\x02")
    liar[place + 24 : place + 28] = struct.pack("<I", 1000)
    (tmp_path / "liar.zip").write_bytes(liar)
    assert not scan(tmp_path / "liar.zip").stacks


def test_archives_below_archives_end_at_a_depth(tmp_path: Path) -> None:
    inner = files_of(write(tmp_path / "disc", ct_series(3)))
    for k in range(5):
        inner = {f"level{k}.zip": zipped(tmp_path / "level.zip", inner).read_bytes()}
    found = scan(zipped(tmp_path / "outer.zip", inner))
    assert "more than 3 deep" in found.left_out[0].reason


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_zip_cut_short_is_damaged_and_says_so(tmp_path: Path, kept: float) -> None:
    archive = zipped(tmp_path / "disc.zip", files_of(write(tmp_path / "disc", ct_series(4))))
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * kept)])
    (left_out,) = scan(archive).left_out
    assert "a damaged archive" in left_out.reason


def test_a_damaged_entry_is_named_and_the_others_open(tmp_path: Path) -> None:
    files = files_of(write(tmp_path / "disc", ct_series(5)))
    archive = zipped(tmp_path / "disc.zip", files, zipfile.ZIP_STORED)
    content = bytearray(archive.read_bytes())
    content[content.index(pixels_of(2).tobytes()[:40]) + 3] ^= 1
    archive.write_bytes(content)
    found = scan(archive)
    assert [len(stack.images) for stack in found.stacks] == [4]
    assert ["damaged in the archive" in one.reason for one in found.left_out] == [True]


def test_an_archive_with_a_directory_beyond_measure_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_DIRECTORY", 1000)
    found = scan(zipped(tmp_path / "disc.zip", {f"{k}.dcm": b"" for k in range(100)}))
    assert [one.reason for one in found.left_out] == ["an archive with too many entries: not opened"]


def test_a_cancel_while_unpacking_leaves_nothing(tmp_path: Path, own_temporary_folder: Path) -> None:
    archive = zipped(tmp_path / "disc.zip", files_of(write(tmp_path / "disc", ct_series(20))))

    def stop(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(archive, stop)
    assert not list(own_temporary_folder.iterdir())


def test_no_room_to_unpack_is_refused_in_one_line(
    tmp_path: Path, own_temporary_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "disc.zip", files_of(write(tmp_path / "disc", ct_series(4))))
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: os.statvfs_result([0] * 10) and _Usage())
    found = scan(archive)
    assert "unpacks to more than 0 MB" in found.left_out[0].reason

    def full(self: Path, *args: object, **same: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(own_temporary_folder))
    monkeypatch.setattr(archives.Path, "open", _only_writing_fails(Path.open))
    with pytest.raises(Refused, match="the disk is full"):
        scan(archive)
    monkeypatch.undo()
    gc.collect()
    assert not [p for p in own_temporary_folder.rglob("*") if p.is_file()]


class _Usage:
    free = 0


def _only_writing_fails(opened: object) -> object:
    def open_or_fail(self: Path, mode: str = "r", *args: object, **same: object) -> object:
        if "x" in mode:
            raise OSError(28, "No space left on device")
        return opened(self, mode, *args, **same)  # type: ignore[operator]

    return open_or_fail


def test_links_out_of_a_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", ct_series(4, series="outside"))
    inside = write(tmp_path / "inside", ct_series(4))
    (inside / "one.dcm").symlink_to(next(outside.iterdir()))
    (inside / "all").symlink_to(outside)
    (inside / "self").symlink_to(inside)
    os.mkfifo(inside / "pipe")
    found = scan(inside)
    assert [len(stack.images) for stack in found.stacks] == [4]
    named = {Path(path).name: reason for path, reason in reasons(found).items()}
    assert named == {
        "one.dcm": "a link: not followed",
        "all": "a link: not followed",
        "self": "a link: not followed",
        "pipe": "not a regular file: not read",
    }


# --- DICOMDIR ---------------------------------------------------------------------------------------------


def disc(folder: Path, listed: list[list[str]]) -> Path:
    """A DICOMDIR that lists some files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that the standard does not allow
        return _disc(folder, listed)


def _disc(folder: Path, listed: list[list[str]]) -> Path:
    ds = Dataset()
    records = []
    for parts in listed:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = parts if len(parts) > 1 else parts[0]
        records.append(record)
    ds.DirectoryRecordSequence = Items(records)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.1.3.10")
    ds.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(folder / "DICOMDIR", enforce_file_format=True)
    return folder / "DICOMDIR"


def test_a_dicomdir_stands_for_the_files_it_lists_in_whatever_case(tmp_path: Path) -> None:
    names = [file.name for file in write(tmp_path / "disc" / "Images", ct_series(5)).iterdir()]
    listed = disc(tmp_path / "disc", [["IMAGES", name.upper()] for name in names[:4]])
    assert [len(stack.images) for stack in scan(listed).stacks] == [4]
    assert [len(stack.images) for stack in scan(tmp_path / "disc").stacks] == [5]


def test_records_without_a_file_and_records_that_lead_elsewhere_are_named(tmp_path: Path) -> None:
    write(tmp_path / "outside", ct_series(3, series="outside"))
    folder = write(tmp_path / "disc", ct_series(4))
    (folder / "LINK").symlink_to(tmp_path / "outside")
    away = next((tmp_path / "outside").iterdir()).name
    listed = disc(
        folder, [["00000.DCM"], ["GONE"], ["..", "outside", away], ["/etc", "hostname"], ["LINK", away], [str(folder)]]
    )
    found = scan(listed)
    assert [len(stack.images) for stack in found.stacks] == [1]
    said = [one.reason for one in found.left_out if "listed" in one.reason]
    assert sum("leads out" in reason for reason in said) == 3
    assert sum("no such file" in reason for reason in said) == 2


def test_a_damaged_or_empty_dicomdir_says_so_and_its_folder_still_opens(tmp_path: Path) -> None:
    folder = write(tmp_path / "disc", ct_series(4))
    listed = disc(folder, [["GONE"]] * 50)
    content = listed.read_bytes()
    listed.write_bytes(content[: len(content) - 30])
    assert [len(stack.images) for stack in scan(folder).stacks] == [4]
    listed.write_bytes(content[:400] + b"\xff" * 200)
    found = scan(folder)
    assert [len(stack.images) for stack in found.stacks] == [4]
    assert found.left_out
