"""Reads and writes `models/*.tar.gz` in the layout of Rasa 3.6, without Rasa.

An archive holds `metadata.json`, whose `predict_schema.nodes` name the class and the resource of
every component, and a folder `components/<resource>/` for each component that learnt something.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from nlu.normalizer import Normalizer
from nlu.pipeline import LOADERS, NORMALIZER, TOKENIZER, Pipeline, Step

METADATA = "metadata.json"
COMPONENTS = "components"
OURS = "nlu.rasa_components."
# Nodes that Rasa puts around every pipeline; they have no part in understanding.
RASA_FRAME = frozenset({"NLUMessageConverter", "RegexMessageHandler"})
# An archive is some ten megabytes; one that unpacks to more than this is not ours.
MAX_BYTES = 512 * 1024 * 1024


class ArchiveUnreadable(ValueError):
    """The file is not a model archive, or is damaged."""


class ForeignComponent(ArchiveUnreadable):
    """The archive uses a component that only Rasa can run."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the model uses the component {name}, which only a Rasa server can run: start one"
            " with `rasa run --enable-api` and set NLU_URL to its address, or train again with"
            " the components of nlu.rasa_components alone"
        )
        self.component = name


def load(path: Path) -> Pipeline:
    """Load an archive.

    Raises:
        ForeignComponent: a component is not one of ours.
        ArchiveUnreadable: the file is no model archive.
    """
    with tempfile.TemporaryDirectory(prefix="caunoi-model-") as temporary:
        folder = Path(temporary)
        try:
            _unpack(path, folder)
            metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
            nodes = metadata["predict_schema"]["nodes"]
            order = _order(nodes)
        except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
            raise ArchiveUnreadable(f"{path} is not a model archive: {error}") from error
        return _pipeline(path, folder, [nodes[name] for name in order])


def _pipeline(path: Path, folder: Path, nodes: list[dict[str, Any]]) -> Pipeline:
    normalizer: Normalizer | None = None
    steps: list[Step] = []
    for node in nodes:
        uses = str(node["uses"])
        name = uses.rpartition(".")[2]
        if uses.startswith("rasa.") and name in RASA_FRAME:
            continue
        if not uses.startswith(OURS) or name not in {*LOADERS, NORMALIZER, TOKENIZER}:
            raise ForeignComponent(name)
        resource = (node.get("resource") or {}).get("name", "")
        home = folder / COMPONENTS / resource
        try:
            if name == NORMALIZER:
                normalizer = Normalizer.load(home)
            elif name in LOADERS:
                steps.append(LOADERS[name](home))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArchiveUnreadable(
                f"{path}: {name} is damaged, or of another version of this software"
                f" (`make train` makes a new one): {error}"
            ) from error
    if normalizer is None:
        raise ArchiveUnreadable(f"{path} has no {NORMALIZER}")
    return Pipeline(normalizer, steps)


def _order(nodes: dict[str, dict[str, Any]]) -> list[str]:
    """The chain of nodes that a message passes, first to last, by what each one needs."""
    chain: list[str] = []
    name = next(name for name in nodes if name.endswith("RegexMessageHandler"))
    while name in nodes and name not in chain:
        chain.append(name)
        name = str(nodes[name]["needs"]["messages"])
    return chain[::-1]


def _unpack(path: Path, folder: Path) -> None:
    """Write the archive's plain files below the folder; links and paths that lead out are refused.

    Members are read one by one rather than with `extractall`, whose safe filter Python 3.10
    lacks in its earlier releases.
    """
    total = 0
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            inside = PurePosixPath(member.name)
            if inside.is_absolute() or ".." in inside.parts:
                raise ArchiveUnreadable(f"{path} holds a path that leads out: {member.name}")
            target = folder.joinpath(*inside.parts)
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            if not member.isfile():
                raise ArchiveUnreadable(f"{path} holds something that is no file: {member.name}")
            total += member.size
            if total > MAX_BYTES:
                raise ArchiveUnreadable(f"{path} unpacks to more than {MAX_BYTES} bytes")
            content = archive.extractfile(member)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read() if content else b"")


def write(path: Path, components: list[tuple[str, Step | Normalizer]]) -> Path:
    """Write trained components, given as (class name, step) in order, the way Rasa would."""
    nodes: dict[str, dict[str, Any]] = {
        "nlu_message_converter": _node("rasa.graph_components.converters.NLUMessageConverter", "")
    }
    last = "nlu_message_converter"
    with tempfile.TemporaryDirectory(prefix="caunoi-model-") as temporary:
        folder = Path(temporary)
        (folder / COMPONENTS).mkdir()
        for index, (name, step) in enumerate(components):
            resource = f"train_{OURS}{name}{index}"
            home = folder / COMPONENTS / resource
            home.mkdir()
            step.save(home)
            node = f"run_{OURS}{name}{index}"
            nodes[node] = _node(f"{OURS}{name}", last, resource)
            last = node
        nodes["run_RegexMessageHandler"] = _node(
            "rasa.nlu.classifiers.regex_message_handler.RegexMessageHandler", last
        )
        metadata = {"predict_schema": {"nodes": nodes}, "trained_by": "caunoi"}
        text = json.dumps(metadata, ensure_ascii=False, indent=1)
        (folder / METADATA).write_text(text, encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with tarfile.open(partial, "w:gz") as archive:
            archive.add(folder, arcname=".")
        partial.replace(path)
    return path


def _node(uses: str, needs: str, resource: str | None = None) -> dict[str, Any]:
    return {
        "needs": {"messages": needs},
        "uses": uses,
        "fn": "process",
        "resource": {"name": resource} if resource else None,
    }
