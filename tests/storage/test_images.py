"""The image store: whole or not at all, verified before shown, damaged slices named."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from measure.refusal import Refused
from storage import atomic
from storage.dicom.load import load_stack, scan
from storage.dicom.stack import Stack
from storage.images import ImageStore, SeriesManifest
from tests.build.dicom import ct_series, write

KEY = b"a secret of this trial, 32 bytes"


def stack_of(folder: Path, count: int = 6) -> Stack:
    (stack,) = scan(write(folder, ct_series(count))).stacks
    return stack


def stored(tmp_path: Path, count: int = 6) -> tuple[ImageStore, SeriesManifest, Stack]:
    store, stack = ImageStore(tmp_path / "workspace"), stack_of(tmp_path / "site", count)
    return store, store.store_stack(stack, key=KEY, subject="S-01"), stack


def files_of(store: ImageStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_a_stored_series_opens_as_the_original_does(tmp_path: Path) -> None:
    store, manifest, stack = stored(tmp_path)
    opened, original = store.open_volume(manifest), load_stack(stack)
    np.testing.assert_array_equal(opened.array, original.array)
    np.testing.assert_array_equal(opened.grid.origins, original.grid.origins)
    assert opened.measurable
    assert opened.series_uid == manifest.series_uid != original.series_uid


def test_the_manifest_survives_the_database_and_says_nothing_of_the_site(tmp_path: Path) -> None:
    store, manifest, stack = stored(tmp_path)
    text = manifest.to_json()
    assert SeriesManifest.from_json(text) == manifest
    for word in (
        "TP-1",
        "Test^Patient",
        str(tmp_path),
        stack.series_uid,
        stack.images[0].sop_uid,
        "20240110",
    ):
        assert word not in text
    assert len(store.folder.parent.name) > 0


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    first = store.put("1.2.3", b"one")
    assert first.new
    assert first.sha256 == hashlib.sha256(b"one").hexdigest()
    assert not store.put("1.2.3", b"one").new
    with pytest.raises(Refused, match="other content"):
        store.put("1.2.3", b"two")
    assert store.verified("1.2.3", first.sha256) == b"one"


@pytest.mark.parametrize("uid", ["", "../../etc/passwd", "1.2/3", "1.2.3\n", "1" * 65])
def test_what_is_no_uid_never_becomes_a_path(tmp_path: Path, uid: str) -> None:
    with pytest.raises(Refused, match="not an instance UID"):
        ImageStore(tmp_path).put(uid, b"x")
    assert not list(tmp_path.iterdir())


def test_a_changed_slice_is_named_and_black_and_the_others_are_shown(tmp_path: Path) -> None:
    store, manifest, stack = stored(tmp_path)
    victim = store.folder / manifest.slices[2].facts.path
    content = bytearray(victim.read_bytes())
    content[-5] ^= 1
    victim.write_bytes(content)
    (store.folder / manifest.slices[4].facts.path).unlink()
    volume = store.open_volume(manifest)
    original = load_stack(stack).array
    for k in range(6):
        expected = np.full_like(original[k], -1024) if k in (2, 4) else original[k]
        np.testing.assert_array_equal(volume.array[k], expected)
    (defect,) = [d for d in volume.defects if d.code == "corrupt"]
    assert defect.slices == (2, 4)
    assert "2, 4 (counted from the head)" in defect.text
    assert not volume.measurable


def test_when_every_slice_is_damaged_the_series_is_refused(tmp_path: Path) -> None:
    store, manifest, _ = stored(tmp_path, 3)
    for file in files_of(store):
        file.write_bytes(b"nothing")
    with pytest.raises(Refused, match="no image can be decoded"):
        store.open_volume(manifest)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "permission")],
)
def test_a_disk_that_refuses_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    store, _, _ = stored(tmp_path, 3)
    before = {path: path.read_bytes() for path in files_of(store)}

    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "fsync", refuse)
    with pytest.raises(Refused, match=words):
        store.put("1.2.3", b"x" * 10_000)
    assert {path: path.read_bytes() for path in files_of(store)} == before


def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    """A real one: the file size limit of a process of its own."""
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from storage.images import ImageStore
from measure.refusal import Refused
try:
    ImageStore({str(tmp_path)!r}).put("1.2.3", b"x" * 100_000)
except Refused as refused:
    print(refused)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "cannot be written" in told.stdout
    assert told.stdout.count("\n") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_killed_store_holds_only_whole_files(tmp_path: Path) -> None:
    script = f"""
from storage.images import ImageStore
store = ImageStore({str(tmp_path)!r})
print("ready", flush=True)
for k in range(100_000):
    store.put(f"1.2.{{k}}", str(k).encode() * 50_000)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.3)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    store = ImageStore(tmp_path)
    whole = sorted(store.folder.glob("??/*.dcm"))
    assert whole
    for path in whole:
        number = path.stem.split(".")[-1]
        assert path.read_bytes() == number.encode() * 50_000
    store.sweep(older_than_s=0)
    assert not list(store.folder.glob("??/.*"))
