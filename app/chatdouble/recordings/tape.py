"""All recordings of a test in one file, and in the folder of single files that a server uses."""

from pathlib import Path

from chatdouble.core.files import files, write_whole
from chatdouble.recordings.recordings import as_written
from chatdouble.recordings.to_yaml import recordings_file
from chatdouble.scripts.reading.load import Script, load


def unfold(file: Path, folder: Path) -> None:
    """Write each recording of a file to a file of its own in a folder, where a server finds it by its request.

    Raises:
        ScriptError: The file does not load.
    """
    for placed in load([file]).rules:
        write_whole(folder / f"{placed.id}.yaml", recordings_file([as_written(placed)]))


def fold(folder: Path, file: Path) -> bool:
    """Write the recordings of a folder to one file, sorted by name; return whether there are any.

    A file that has them already is not touched.

    Raises:
        ScriptError: A file of the folder does not load.
        OSError: The file cannot be written.
    """
    script = load([folder]) if any(files(folder)) else Script(())
    text = recordings_file([as_written(placed) for placed in script.rules])
    if script.rules and not (file.exists() and file.read_text("utf-8") == text):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    return bool(script.rules)
