"""Usage: python -m scripts.nlu_report [--quick] [--without-rasa] [--out FOLDER] [--model ARCHIVE]

Measures how well messages are understood and writes README.md, report.json and pictures. The
figures for the project's README are printed at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nlu import archive
from nlu.pipeline import Pipeline
from nlu.training_data import Example, read_examples
from scripts.nlu_report import codes, cross_validation, page, pictures, rasa_test, scores, speed
from scripts.nlu_report.machine import machine
from scripts.nlu_report.robustness import RATES, TYPED
from scripts.nlu_report.scores import Answer, Figures
from scripts.nlu_report.sets import Message, Taxonomy, read_taxonomy, read_test_sets

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
# A quick report sees one example and one message in so many: for trying the report itself out.
QUICK = 20


def say(text: str) -> None:
    print(f"nlu-report: {text}", file=sys.stderr, flush=True)


def newest_model() -> Path:
    archives = (ROOT / "models").glob("*.tar.gz")
    model = max(archives, key=lambda path: path.stat().st_mtime, default=None)
    if model is None:
        raise SystemExit("nlu-report: there is no model in models/; `make train` makes one")
    return model


def understand(pipeline: Pipeline, messages: Sequence[Message]) -> dict[str, list[Answer]]:
    """The answers to messages in each way of typing."""
    return {
        name: [Answer.of(message, pipeline.parse(typed(message.text))) for message in messages]
        for name, typed in TYPED.items()
    }


def of_test_sets(answers: dict[str, dict[str, list[Answer]]], taxonomy: Taxonomy) -> Figures:
    """Figures of each set, and of all together, from the answers by set and way of typing."""
    together = {
        name: [answer for of_set in answers.values() for answer in of_set[name]] for name in TYPED
    }
    typed = together["typed"]
    figures: Figures = {
        "sets": {
            name: {
                way: scores.headline(of_set[way], taxonomy) | scores.certainty(of_set[way])
                for way in TYPED
            }
            | {"emergencies": scores.emergencies(of_set["typed"])}
            for name, of_set in answers.items()
        },
        "all": {
            way: scores.headline(together[way], taxonomy) | scores.certainty(together[way])
            for way in TYPED
        },
        "emergencies": {way: scores.emergencies(together[way]) for way in TYPED},
        "legal": scores.recalls(typed, scores.LEGAL),
        "intents": scores.recalls(typed, taxonomy.intents),
        "urgency": scores.urgency(typed),
        "communes": scores.communes(typed),
        "styles": scores.by(
            typed, lambda answer: answer.message.style, lambda a: scores.headline(a, taxonomy)
        ),
        "worst": scores.worst(typed),
    }
    bins = scores.reliability([a.confidence for a in typed], [a.intent_right for a in typed])
    return {**figures, "reliability": bins, "calibration_error": scores.calibration_error(bins)}


def generated() -> list[Figures]:
    """How many of each generated set were read rightly, and those that were not."""
    out: list[Figures] = []
    for generated_set in codes.generated_sets():
        wrong = generated_set.wrong()
        size = len(generated_set.cases)
        accuracy = round(1 - len(wrong) / size, 4)
        out.append({"set": generated_set.name, "size": size, "accuracy": accuracy, "wrong": wrong})
    return out


def draw(
    folder: Path, typed: Sequence[Answer], held_out: Sequence[Answer], names: Taxonomy
) -> None:
    """Confusions in the test sets, and confidence there and in cross-validation."""
    intents = [(a.message.intent, a.intent) for a in typed]
    categories = [
        (a.message.category, a.categories[0]) for a in typed if a.message.category and a.categories
    ]
    for name, pairs, order in (
        ("intent-confusion.png", intents, names.intents),
        ("category-confusion.png", categories, names.categories),
    ):
        pictures.draw_confusion(folder / name, scores.confusion(pairs, order), order)
    lines = {
        name: scores.reliability([a.confidence for a in some], [a.intent_right for a in some])
        for name, some in (("test sets", typed), ("cross-validation", held_out))
        if some
    }
    pictures.draw_reliability(folder / "reliability.png", lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.nlu_report")
    parser.add_argument("--quick", action="store_true", help=f"one message and example in {QUICK}")
    parser.add_argument("--without-rasa", action="store_true", help="leave `rasa test nlu` out")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "nlu-report")
    parser.add_argument("--model", type=Path, default=None, help="an archive; else the newest")
    options = parser.parse_args()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    model = options.model or newest_model()
    taxonomy = read_taxonomy(DATA / "taxonomy.yml")
    test_sets = read_test_sets(DATA / "test", taxonomy)
    examples: list[Example] = read_examples(DATA / "nlu")
    if options.quick:
        examples = examples[::QUICK]
        test_sets = {name: messages[::QUICK] for name, messages in test_sets.items()}
    report: Figures = {
        "quick": options.quick,
        "machine": machine(),
        "sizes": {
            "examples": len(examples),
            "examples_over_40_words": sum(len(e.text.split()) > 40 for e in examples),
            "test_messages": {name: len(messages) for name, messages in test_sets.items()},
        },
        "noise": RATES,
    }
    say(f"speed of {model.name}")
    texts = [m.text for messages in test_sets.values() for m in messages]
    texts += sorted({example.text for example in examples})
    report["speed"] = speed.measure(ROOT, model, texts)
    if not options.quick:
        say("training")
        report["training"] = speed.measure_training(ROOT)
    say("codes, numbers and times")
    report["generated"] = generated()
    say("the test sets")
    pipeline = archive.load(model)
    answers = {name: understand(pipeline, messages) for name, messages in test_sets.items()}
    report["test"] = of_test_sets(answers, taxonomy)
    say("cross-validation")
    report["cross_validation"], held_out = cross_validation.cross_validate(ROOT, examples, taxonomy)
    report["rasa_test"] = None
    if not options.without_rasa and not options.quick:
        say("cross-validation by `rasa test nlu`")
        report["rasa_test"] = rasa_test.cross_validate(ROOT, DATA / "nlu", taxonomy.requests)
    typed = [answer for of_set in answers.values() for answer in of_set["typed"]]
    draw(out, typed, held_out, taxonomy)
    report["seconds"] = round(time.perf_counter() - began)
    write(out, report)


def write(out: Path, report: Figures) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    (out / "README.md").write_text(page.page(report), encoding="utf-8")
    print(page.summary(report))


if __name__ == "__main__":
    main()
