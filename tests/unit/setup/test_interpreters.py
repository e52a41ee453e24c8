from pathlib import Path

import pytest

from scripts.setup import interpreters
from scripts.setup.console import SetupFailed

NO_UV = Path("/nonexistent/uv")


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def machine(folder: Path) -> dict[str, str]:
    return {"PATH": str(folder / "bin"), "HOME": str(folder)}


def test_a_shim_that_cannot_run_gives_way_to_the_installed_version(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.10", "echo 'pyenv: version not found' >&2; exit 127")
    installed = tmp_path / ".pyenv" / "versions" / "3.10.13" / "bin" / "python3.10"
    program(installed, f"echo {installed}")
    assert interpreters.find(machine(tmp_path), NO_UV) == installed


def test_a_shim_that_runs_is_replaced_by_the_path_it_names(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.10", "echo /opt/python/bin/python3.10")
    assert interpreters.find(machine(tmp_path), NO_UV) == Path("/opt/python/bin/python3.10")


def test_pyenv_is_looked_for_where_its_own_variable_says(tmp_path: Path) -> None:
    root = tmp_path / "elsewhere"
    installed = program(root / "versions" / "3.10.1" / "bin" / "python3.10", "exit 0")
    environ = {**machine(tmp_path), "PYENV_ROOT": str(root)}
    assert list(interpreters.candidates(environ)) == [installed]


def test_uv_fetches_an_interpreter_when_the_machine_has_none(tmp_path: Path) -> None:
    uv = program(
        tmp_path / "uv",
        f'case "$2" in\n'
        f"find) [ -e {tmp_path}/fetched ] && echo /managed/python3.10 ;;\n"
        f"install) touch {tmp_path}/fetched ;;\nesac",
    )
    environ = {"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path)}
    assert interpreters.find(environ, uv) == Path("/managed/python3.10")


def test_no_interpreter_and_none_to_fetch_is_a_named_failure(tmp_path: Path) -> None:
    uv = program(tmp_path / "uv", "echo 'no network'; exit 2")
    environ = {"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path)}
    with pytest.raises(SetupFailed, match=r"no Python 3\.10 was found(.|\n)*no network"):
        interpreters.find(environ, uv)
