"""The report as a page of Markdown, from the same figures as `report.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scripts.nlu_report.markdown import Row, percent, table

WAYS = {"typed": "as typed", "stripped": "without diacritics", "noise": "with noise"}

Report = Mapping[str, Any]


def summary(report: Report) -> str:
    """The few figures that the project's README shows."""
    test, cross, speed = report["test"], report["cross_validation"], report["speed"]
    ways = [test["all"][way] for way in WAYS]
    rows: list[Row] = [
        (f"intent ({ways[0]['messages']} messages)", *_both(ways, "intent")),
        (
            f"intent, of the nine that a citizen comes for ({ways[0]['request_messages']})",
            *_both(ways, "request_intent"),
        ),
        (f"category ({ways[0]['category_messages']})", *_both(ways, "category")),
        ("category among the first three", *_both(ways, "category_top3")),
        ("counted as sure", *(percent(way["sure"]) for way in ways)),
        ("wrong among the sure", *_both(ways, "wrong_when_sure")),
        (
            "emergencies seen",
            *_both([test["emergencies"][way] for way in WAYS], "recall"),
        ),
        (
            "false alarms among the others",
            *_both([test["emergencies"][way] for way in WAYS], "false_alarms"),
        ),
        ("cross-validation: intent", *(percent(cross[way]["intent"]) for way in WAYS)),
        ("cross-validation: category", *(percent(cross[way]["category"]) for way in WAYS)),
    ]
    ordinary = speed["parse"].get("up to 300, all", {})
    costs = (
        f"Parsing a message of up to 300 characters takes {ordinary.get('p50_ms', '–')} ms (p50),"
        f" {ordinary.get('p99_ms', '–')} ms (p99); the archive has {speed['archive_mb']} MB, loads"
        f" in {speed['load_seconds']} s and adds {speed['memory_added_mb']} MB of memory."
    )
    head = ("fixed test sets, strict (second label accepted)", *WAYS.values())
    return f"{table(head, rows)}\n\n{costs}"


def _both(ways: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    """A figure strict, and in brackets with the second label accepted."""
    return [f"{percent(way[name])} ({percent(way[f'{name}_or_second'])})" for way in ways]


def page(report: Report) -> str:
    parts = [
        "# How well messages are understood",
        "Written by `make nlu-report`; do not edit. All figures are in [report.json](report.json).",
        *([QUICK] if report["quick"] else []),
        _measured_on(report),
        "## In short",
        summary(report),
        "## The fixed test sets",
        TEST_SETS,
        *_test_sets(report["test"]),
        f"Noise: {report['noise']}. Codes and numbers are left alone here.",
        _losses(report["test"]["all"]),
        "### By style of writing",
        _styles(report["test"]["styles"]),
        "### Emergencies",
        *_emergencies(report["test"]),
        "### Every intent",
        _recalls(report["test"]["intents"]),
        "### Urgency and commune",
        _urgency_and_commune(report["test"]),
        "### Confidence",
        "![confidence against accuracy](reliability.png)",
        f"Mean distance from the diagonal, test sets: {report['test']['calibration_error']:.3f}.",
        "### What is taken for what",
        "![intents](intent-confusion.png)",
        "![categories](category-confusion.png)",
        "### The most confidently wrong",
        _worst(report["test"]["worst"]),
        "## Cross-validation on the training examples",
        *_cross_validation(report),
        "## Codes, numbers and times",
        CODES,
        *_generated(report["generated"]),
        "## What it costs",
        *_costs(report),
    ]
    return "\n\n".join(parts) + "\n"


QUICK = "**A quick report, of a few messages and examples: its figures say nothing.**"
TEST_SETS = (
    "`data/test/`: messages written by hand for this purpose alone, without sight of the training"
    " examples; nothing is trained on them. `everyday` is what people write on ordinary days,"
    " `danger` emergencies and messages that only sound like one. Some messages have a second label"
    " that is not wrong either; figures in brackets accept it. The category counts where the label"
    " has one, and is the first that would be offered, whatever the intent."
)
CODES = (
    "Generated from a fixed seed (`scripts/nlu_report/codes.py`): spaces or nothing for dots,"
    " letters for the digits they look like, small letters, words around them. Right is one entity"
    " with the value meant that covers what was typed and nothing else."
)


def _measured_on(report: Report) -> str:
    on, sizes = report["machine"], report["sizes"]
    sets = ", ".join(f"{name} {size}" for name, size in sizes["test_messages"].items())
    return (
        f"{sizes['examples']} training examples, {sizes['examples_over_40_words']} of them over 40"
        f" words; test messages: {sets}. Model: {report['speed']['model']}. Measured on"
        f" {on['cores']} cores ({on['cpu']}), {on['memory_gib']} GiB, {on['system']}, Python"
        f" {on['python']}, with a load of {on['load_before']} from other work before it began; the"
        f" report took {report['seconds']} s."
    )


def _test_sets(test: Report) -> list[str]:
    out = []
    for name, figures in test["sets"].items():
        ways = [figures[way] for way in WAYS]
        rows: list[Row] = [
            (f"intent ({ways[0]['messages']})", *_both(ways, "intent")),
            (f"intent of the nine ({ways[0]['request_messages']})", *_both(ways, "request_intent")),
            (f"category ({ways[0]['category_messages']})", *_both(ways, "category")),
            ("category among the first three", *_both(ways, "category_top3")),
            ("intent and category", *(percent(way["intent_and_category"]) for way in ways)),
            ("counted as sure", *(percent(way["sure"]) for way in ways)),
            ("wrong among the sure", *_both(ways, "wrong_when_sure")),
        ]
        out.append(table((name, *WAYS.values()), rows))
    return out


def _losses(ways: Mapping[str, Report]) -> str:
    """What is lost against the message as typed, in points."""
    names = (("intent", "intent"), ("of the nine", "request_intent"), ("category", "category"))
    said = [
        f"{WAYS[way]} "
        + ", ".join(
            f"{label} {100 * (ways[way][name] - ways['typed'][name]):+.1f}"
            for label, name in names
            if ways[way][name] is not None
        )
        for way in ("stripped", "noise")
    ]
    return f"Against the messages as typed, in points: {'; '.join(said)}."


def _styles(styles: Mapping[str, Report]) -> str:
    return table(
        ("style", "messages", "intent", "category"),
        (
            (name, figures["messages"], *_both([figures], "intent"), *_both([figures], "category"))
            for name, figures in styles.items()
        ),
    )


def _emergencies(test: Report) -> list[str]:
    sets = {name: figures["emergencies"] for name, figures in test["sets"].items()}
    sets |= {f"all, {WAYS[way]}": test["emergencies"][way] for way in WAYS}
    rows = (
        (
            name,
            figures["emergencies"],
            *_both([figures], "recall"),
            figures["others"],
            *_both([figures], "false_alarms"),
        )
        for name, figures in sets.items()
    )
    head = ("set", "emergencies", "seen", "others", "taken for one")
    legal = "; ".join(
        f"{name} {percent(figures['recall'])} of {figures['messages']}"
        f" ({percent(figures['recall_or_second'])})"
        for name, figures in test["legal"].items()
    )
    return [table(head, rows), f"Seen of what the law gives an answer to: {legal}."]


def _recalls(intents: Mapping[str, Report]) -> str:
    return table(
        ("intent", "messages", "seen"),
        (
            (name, figures["messages"], *_both([figures], "recall"))
            for name, figures in intents.items()
            if figures["messages"]
        ),
    )


def _urgency_and_commune(test: Report) -> str:
    urgency, communes = test["urgency"], test["communes"]
    return (
        f"The urgency is right in {percent(urgency['right'])}; of {urgency['pressing_messages']}"
        f" pressing messages {percent(urgency['pressing_seen'])} are seen to press, of"
        f" {urgency['calm_messages']} others {percent(urgency['calm_taken_for_pressing'])} are"
        f" taken for pressing. Of {communes['messages']} messages whose commune is known it is"
        f" found in {percent(communes['recall'])}; {percent(communes['precision'])} of the communes"
        " found there are right."
    )


def _worst(worst: Sequence[Report]) -> str:
    rows = (
        (w["id"], w["text"], w["intent"], w["understood"], f"{w['confidence']:.2f}") for w in worst
    )
    return table(("id", "message", "label", "understood", "confidence"), rows)


def _cross_validation(report: Report) -> list[str]:
    cross, rasa = report["cross_validation"], report["rasa_test"]
    ways = [cross[way] for way in WAYS]
    names = (
        ("intent", "intent"),
        ("intent of the nine", "request_intent"),
        ("category", "category"),
        ("category among the first three", "category_top3"),
        ("counted as sure", "sure"),
        ("wrong among the sure", "wrong_when_sure"),
    )
    emergencies = cross["emergencies"]
    own = (
        f"Our own: {cross['folds']} folds of {cross['examples']} examples in {cross['groups']}"
        " groups; examples that share over half of their runs of four letters stay together (the"
        f" largest group has {cross['largest_group']}). Each fold is read by the whole pipeline"
        f" fitted on the others. Of {emergencies['emergencies']} emergencies"
        f" {percent(emergencies['recall'])} are seen; of {emergencies['others']} others"
        f" {percent(emergencies['false_alarms'])} are taken for one."
    )
    rows = ((label, *(percent(way[name]) for way in ways)) for label, name in names)
    return [own, table(("held out", *WAYS.values()), rows), _rasa(rasa)]


def _rasa(rasa: Report | None) -> str:
    if rasa is None:
        return "`rasa test nlu` was not run: there is no `.venv-rasa`, or it was left out."
    return (
        f"`rasa test nlu --cross-validation --folds {rasa['folds']}` (intents only; Rasa draws"
        f" folds at random and keeps nothing together): intent {percent(rasa['intent'])} of"
        f" {rasa['examples']}, of the nine {percent(rasa['request_intent'])}, F1 weighted"
        f" {rasa['intent_f1_weighted']:.3f}, macro {rasa['intent_f1_macro']:.3f};"
        f" {rasa['seconds']} s."
    )


def _generated(sets: Sequence[Report]) -> list[str]:
    rows = ((s["set"], s["size"], percent(s["accuracy"])) for s in sets)
    out = [table(("kind", "generated", "read rightly"), rows)]
    wrong = [(s["set"], case) for s in sets for case in s["wrong"]]
    if wrong:
        shown = (
            (
                name,
                case["text"],
                case["meant"],
                "; ".join(" ".join(read[:2]) for read in case["read"]),
            )
            for name, case in wrong
        )
        out.append(table(("kind", "message", "meant", "read"), shown))
    return out


def _costs(report: Report) -> list[str]:
    speed, training = report["speed"], report.get("training")
    rows: list[Row] = [
        ("archive", f"{speed['archive_mb']} MB"),
        ("load", f"{speed['load_seconds']} s"),
        ("memory added, numpy and places included", f"{speed['memory_added_mb']} MB"),
    ]
    if training:
        rows.append(("training without Rasa", f"{training['seconds']} s"))
        rows.append(("processor time of it", f"{training['processor_seconds']} s"))
    lengths = (
        (name, figures["messages"], figures["p50_ms"], figures["p99_ms"])
        for name, figures in speed["parse"].items()
    )
    slowest = ((s["ms"], s["characters"], s["text"][:160]) for s in speed["slowest"])
    return [
        table(("what", "figure"), rows),
        "Each message of the test sets and each example once, in one thread:",
        table(("characters", "messages", "p50 ms", "p99 ms"), lengths),
        "The slowest:",
        table(("ms", "characters", "message"), slowest),
    ]
