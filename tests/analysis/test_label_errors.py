"""The ranking of wrong labels, from records that are made up with some."""

from dataclasses import replace

import numpy as np
import pytest
from noisy_record import EPOCHS, N, precision_at_k, record, same, some, without_vectors

from tensorboard_cnnvis.analysis.label_errors import (
    HARD,
    LEAST_EPOCHS,
    MISLABELED,
    MOST_JUDGED,
    NOTHING,
    Epoch,
    judged_epochs,
    label_errors,
)


def test_planted_errors_are_found_and_put_right() -> None:
    planted = record()
    found = planted.errors()
    assert precision_at_k(found, planted.wrong) > 0.8
    chosen = found.reason == MISLABELED
    assert abs(int(chosen.sum()) - int(planted.wrong.sum())) < 0.25 * planted.wrong.sum()
    hits = chosen & planted.wrong
    assert (found.suggested[hits] == planted.true[hits]).mean() > 0.8


def test_hard_samples_are_told_from_wrong_ones() -> None:
    """Those of two classes that are alike are contradicted, but not thought mislabeled."""
    clean = record(share=0.0)
    found = clean.errors()
    hard = found.reason == HARD
    assert hard.sum() > 50
    assert np.isin(clean.labels[hard], (0, 1)).mean() > 0.9
    assert (found.reason == MISLABELED).sum() < 6


def test_the_reasons_are_what_they_say() -> None:
    planted = record()
    found = planted.errors()
    assert np.array_equal(found.reason == MISLABELED, found.score > 0.5)
    assert np.array_equal(found.suggested != planted.labels, found.reason != NOTHING)


def test_the_evidence_against_loops() -> None:
    planted = record(n=300)
    found = planted.errors()
    for row in range(0, 300, 7):
        label = planted.labels[row]
        epochs = planted.epochs
        assert found.mean_margin[row] == pytest.approx(
            sum(float(epoch.margin[row]) for epoch in epochs) / EPOCHS, abs=1e-5
        )
        assert found.mean_label_score[row] == pytest.approx(
            sum(float(epoch.scores[row, label]) for epoch in epochs) / EPOCHS, abs=1e-6
        )
        assert found.label_share[row] == pytest.approx(
            sum(epoch.prediction[row] == label for epoch in epochs) / EPOCHS
        )
        if found.reason[row] == NOTHING:
            assert np.isnan(found.neighbor_share[row])
            continue
        other = found.suggested[row]
        assert found.alternative_score[row] == pytest.approx(
            sum(float(epoch.scores[row, other]) for epoch in epochs) / EPOCHS, abs=1e-6
        )
        assert found.alternative_share[row] == pytest.approx(
            sum(epoch.prediction[row] == other for epoch in epochs) / EPOCHS
        )
        vectors = np.asarray(epochs[-1].embedding, np.float64)
        directions = vectors / np.sqrt((vectors**2).sum(axis=1, keepdims=True))
        near = [at for at in np.argsort(-(directions @ directions[row])) if at != row][:15]
        assert found.neighbor_share[row] == pytest.approx((planted.labels[near] == other).mean())
        assert found.neighbor_label_share[row] == pytest.approx(
            (planted.labels[near] == label).mean()
        )


def test_what_is_learned_by_heart_does_not_count() -> None:
    """The later epochs contradict no label; the ranking stays that of the earlier ones."""
    short, long = record(epochs=4), record(epochs=12, learned=4)
    found = long.errors()
    assert set(found.judged_epochs.tolist()) <= {3, 4, 5}
    assert precision_at_k(found, long.wrong) > precision_at_k(short.errors(), short.wrong) - 0.05
    assert (found.mean_label_score > 0.5).mean() > 0.9, "evidence is of all epochs"


def test_the_order_of_the_samples_does_not_matter_without_folds() -> None:
    planted = record()
    order = np.random.default_rng(0).permutation(N)
    epochs = [
        Epoch(
            epoch.prediction[order], epoch.margin[order], epoch.label_score[order],
            epoch.scores[order],
        )
        for epoch in planted.epochs
    ]  # fmt: skip
    plain = label_errors(planted.labels, without_vectors(planted.epochs), 4)
    shuffled = label_errors(planted.labels[order], epochs, 4)
    assert not list(same(plain, shuffled, order))


def test_samples_without_a_label_have_no_part_in_it() -> None:
    planted = record()
    absent = np.zeros(N, np.bool_)
    absent[::10] = True
    labels = np.where(absent, -1, planted.labels)
    found = label_errors(labels, without_vectors(planted.epochs), 4)
    assert np.isnan(found.score[absent]).all()
    assert (found.suggested[absent] == -1).all()
    assert (found.reason[absent] == NOTHING).all()
    assert np.isnan(found.mean_margin[absent]).all()
    kept = [
        Epoch(e.prediction[~absent], e.margin[~absent], e.label_score[~absent], e.scores[~absent])
        for e in planted.epochs
    ]
    assert not list(same(found, label_errors(labels[~absent], kept, 4), ~absent))


def test_scores_that_are_not_finite_are_left_out() -> None:
    planted = record()
    broken = list(without_vectors(planted.epochs))
    nothing = np.full(N, np.nan, np.float32)
    broken.insert(2, Epoch(np.zeros(N, np.int32), nothing, nothing, np.full((N, 4), np.nan)))
    found = label_errors(planted.labels, broken, 4)
    whole = label_errors(planted.labels, without_vectors(planted.epochs), 4)
    assert np.allclose(found.score, whole.score, atol=1e-5)
    assert np.allclose(found.mean_margin, whole.mean_margin, atol=1e-5)
    silent = label_errors(planted.labels, [broken[2]] * 3, 4)
    assert np.isnan(silent.score).all()
    assert np.array_equal(silent.suggested, planted.labels)
    assert (silent.reason == NOTHING).all()


def test_who_has_scores_only_once_the_labels_are_known_by_heart_is_not_ranked() -> None:
    planted = record(epochs=12, learned=4)
    epochs = planted.epochs
    late = int(np.flatnonzero(planted.wrong)[0])
    for epoch in epochs[:6]:
        epoch.scores[late] = np.nan
    found = label_errors(planted.labels, epochs, 4)
    assert found.judged_epochs[np.arange(N) != late].max() < 7
    assert np.isnan(found.score[late])
    assert found.judged_epochs[late] == 0


def test_the_only_sample_of_a_class_is_judged_by_its_scores() -> None:
    """No other one tells what its vector should look like."""
    planted = record(share=0.0)
    alone = int(np.flatnonzero(planted.true == 2)[0])
    kept = np.flatnonzero((planted.true != 2) | (np.arange(N) == alone))
    found = label_errors(planted.labels[kept], some(planted.epochs, kept), 4)
    assert found.score[kept == alone] < 0.1


@pytest.mark.parametrize("n", [1, 2])
def test_of_next_to_no_samples_next_to_nothing_is_known(n: int) -> None:
    planted = record(c=10, share=0.0)
    few = some(planted.epochs, np.arange(n))
    unsure = [replace(epoch, scores=np.full((n, 10), 0.1, np.float32)) for epoch in few]
    found = label_errors(planted.labels[:n], unsure, 10)
    assert np.isnan(found.score).all()


def test_without_embeddings_the_scores_alone_are_judged() -> None:
    planted = record()
    found = label_errors(planted.labels, without_vectors(planted.epochs), 4)
    assert precision_at_k(found, planted.wrong) > 0.7
    assert np.isnan(found.neighbor_share).all()


def test_two_classes() -> None:
    planted = record(2, share=0.08)
    found = planted.errors()
    assert np.array_equal(
        found.suggested[found.reason != NOTHING], 1 - planted.labels[found.reason != NOTHING]
    )
    assert found.score[planted.wrong].mean() > 3 * found.score[~planted.wrong].mean()


def test_only_the_highest_scores_are_stored() -> None:
    """As above 100 classes: the label's own is known beside them."""
    planted = record(30, n=3000)
    epochs = []
    for epoch in planted.epochs:
        classes = np.argsort(-epoch.scores, axis=1)[:, :6].astype(np.int32)
        scores = np.take_along_axis(epoch.scores, classes, 1)
        epochs.append(replace(epoch, scores=scores, classes=classes))
    found = label_errors(planted.labels, epochs, 30)
    whole = planted.errors()
    assert precision_at_k(found, planted.wrong) > precision_at_k(whole, planted.wrong) - 0.03
    count = (found.reason == MISLABELED).sum()
    assert count == pytest.approx((whole.reason == MISLABELED).sum(), rel=0.15)
    assert np.allclose(found.mean_label_score, whole.mean_label_score, atol=1e-5)
    assert np.array_equal(found.label_share, whole.label_share)


def test_vectors_that_are_not_finite() -> None:
    """Such a sample is judged by its scores, and is nobody's neighbor."""
    planted = record()
    last = planted.epochs[-1]
    broken = np.flatnonzero(planted.wrong)[:20]
    assert last.embedding is not None
    last.embedding[broken] = np.inf
    found = planted.errors()
    assert found.score[broken].mean() > 5 * found.score[~planted.wrong].mean()
    assert np.isnan(found.neighbor_share[broken]).all()
    asked = (found.reason != NOTHING) & np.isfinite(last.embedding).all(axis=1)
    assert np.isfinite(found.neighbor_share[asked]).all()


def test_epochs_that_are_judged() -> None:
    assert judged_epochs(5) == {2, 3, 4}
    assert judged_epochs(3) == {2}
    many = judged_epochs(500)
    assert len(many) <= MOST_JUDGED
    assert {2, 499} <= many


def test_too_few_epochs() -> None:
    planted = record(epochs=LEAST_EPOCHS - 1)
    with pytest.raises(ValueError, match="at least 3 epochs, got 2"):
        planted.errors()


def test_the_score_does_not_need_the_neighbors() -> None:
    planted = record()
    whole, alone = planted.errors(), planted.errors(neighbors=False)
    assert set(same(whole, alone)) == {"neighbor_label_share", "neighbor_share"}
    assert np.isnan(alone.neighbor_share).all()
