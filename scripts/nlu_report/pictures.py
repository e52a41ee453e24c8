"""Confusion matrices and the reliability diagram, as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.nlu_report.scores import Figures

# Nothing in the file tells of the machine or the version, so equal figures give equal pictures.
_METADATA = {"Software": None}


def draw_confusion(path: Path, counts: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    """Rows are labels, columns answers; a cell is coloured by its share of the row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2 + 0.36 * len(names), 1.6 + 0.36 * len(names)), dpi=100)
    axes = figure.add_subplot()
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            if count:
                colour = "white" if shares[row][column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", fontsize=6, c=colour)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("understood")
    axes.set_ylabel("label")
    figure.tight_layout()
    figure.savefig(path, metadata=_METADATA)


def draw_reliability(path: Path, lines: Mapping[str, Sequence[Figures]]) -> None:
    """Confidence against accuracy, a line for each name; on the diagonal the two agree."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), dpi=100)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    for name, bins in lines.items():
        confidences = [float(str(b["confidence"])) for b in bins]
        accuracies = [float(str(b["accuracy"])) for b in bins]
        axes.plot(confidences, accuracies, marker="o", label=name)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that is right")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.legend(loc="upper left")
    figure.tight_layout()
    figure.savefig(path, metadata=_METADATA)
