"""The Python side of bench/umap.ts and bench/stats.ts: one JSON task per line in, one JSON answer per line out, warmed up once."""
import importlib.metadata
import json
import sys
import time

import numpy


def cells(task):
    return numpy.fromfile(task["cells"], "<f4").reshape(task["n"], task["d"])


def umap(task):
    from umap import UMAP

    x = cells(task)
    if task.get("warmUp"):
        UMAP(random_state=1, n_epochs=10).fit_transform(x[:2000])
    begin = time.perf_counter()
    points = UMAP(n_neighbors=15, min_dist=0.1, random_state=1).fit_transform(x)
    seconds = time.perf_counter() - begin
    points.astype("<f8").tofile(task["points"])
    return dict(seconds=seconds, version="umap-learn " + importlib.metadata.version("umap-learn"))


def lda(task):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    x = cells(task)
    labels = numpy.fromfile(task["labels"], "u1")
    begin = time.perf_counter()
    scores = LinearDiscriminantAnalysis(solver=task["solver"]).fit(x, labels).decision_function(x)
    seconds = time.perf_counter() - begin
    return dict(seconds=seconds, checksum=float(scores.mean()), version="scikit-learn " + importlib.metadata.version("scikit-learn"))


def bootstrap(task):
    """The way one would write it: resample groups, concatenate, roc_auc_score."""
    from sklearn.metrics import roc_auc_score

    scores = numpy.fromfile(task["scores"], "<f8")
    labels = numpy.fromfile(task["labels"], "u1")
    groups = numpy.fromfile(task["groups"], "<i4")
    rows = [numpy.flatnonzero(groups == g) for g in range(groups.max() + 1)]
    random = numpy.random.RandomState(1)
    begin = time.perf_counter()
    for _ in range(task["resamples"]):
        chosen = numpy.concatenate([rows[g] for g in random.randint(0, len(rows), len(rows))])
        roc_auc_score(labels[chosen], scores[chosen])
    seconds = time.perf_counter() - begin
    return dict(seconds=seconds, version="scikit-learn " + importlib.metadata.version("scikit-learn"))


for line in sys.stdin:
    task = json.loads(line)
    answer = dict(umap=umap, lda=lda, bootstrap=bootstrap)[task["task"]](task)
    print(json.dumps(answer), flush=True)
