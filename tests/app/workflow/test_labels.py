"""Labels of lesions: given once in a read, also after a lesion was deleted and undone."""

from __future__ import annotations

from pathlib import Path

from app.workflow import draw_lesion
from app.workflow.reading import open_case, reload
from tests.build.scripted_read import drawn
from tests.build.workspace import small_workspace


def test_the_label_of_a_deleted_lesion_is_not_given_again(tmp_path: Path) -> None:
    workspace, ports, sessions = small_workspace(tmp_path)
    reader = sessions["reader.one"]
    from app.workflow.worklist import worklist

    reading = open_case(ports, reader, worklist(ports, reader)[0].subject_id)
    assert reading is not None
    for _ in range(2):
        draw_lesion.add_lesion(
            ports, reader, reading, drawn(ports, reader, reading, 20.0), role="target", organ="liver"
        )
        reading = reload(ports, reader, reading)
    draw_lesion.delete(ports, reader, reading, reading.lesions[-1])
    reading = reload(ports, reader, reading)
    draw_lesion.add_lesion(ports, reader, reading, drawn(ports, reader, reading, 20.0), role="target", organ="lung")
    reading = reload(ports, reader, reading)
    assert [row.lesion.label for row in reading.lesions] == ["T1", "T3"]
    workspace.close()
