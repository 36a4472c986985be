"""Writes the qualities that test/latent compares with: umap-learn on one small table of cells.

    python test/reference/umap_learn.py > test/fixtures/stats/umap-learn.json

The table (600 cells to draw, 100 to place, 10 features, 5 types along curved paths) is part of the output, so the test reads no other file.
Trustworthiness is of 15 neighbours. `preserved` is the share of a placed cell's 15 nearest cells in the map that are among its 15 nearest
by descriptor. `purity` is the share of a cell's 15 nearest in the map that carry its label.
"""
import json

import numpy
import sklearn
import umap
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

random = numpy.random.RandomState(11)
n, m, d, types = 600, 100, 10, 5
kind = numpy.arange(n + m) % types
along = random.uniform(size=n + m)
centres = 2.5 * random.normal(size=(types, d))
bends = 2.0 * random.normal(size=(2, types, d))
x = (
    centres[kind]
    + numpy.sin(3 * along)[:, None] * bends[0][kind]
    + numpy.cos(3 * along)[:, None] * bends[1][kind]
    + 0.35 * random.normal(size=(n + m, d))
)
x = numpy.round(x, 4)
drawn, placed = x[:n], x[n:]
mixed = (numpy.arange(n) // types) % 2  # a label that has nothing to do with the types


def neighbors(known, queries, k, metric="euclidean"):
    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(known)
    return search.kneighbors(queries, return_distance=False)


def purity(points, labels):
    near = neighbors(points, points, 16)[:, 1:]
    return float((labels[near] == labels[:, None]).mean())


def preserved(points, places):
    true = neighbors(drawn, placed, 15)
    shown = neighbors(points, places, 15)
    return float(numpy.mean([len(set(a) & set(b)) / 15 for a, b in zip(true, shown)]))


maps = []
for metric in ["euclidean", "cosine", "correlation"]:
    for init in ["spectral", "pca"]:
        model = umap.UMAP(metric=metric, init=init, random_state=1)
        points = model.fit_transform(drawn)
        maps.append(
            {
                "metric": metric,
                "init": init,
                "trustworthiness": float(trustworthiness(drawn, points, n_neighbors=15, metric=metric)),
                "purity": purity(points, kind[:n]),
                "preserved": preserved(points, model.transform(placed)) if metric == "euclidean" else None,
            }
        )
supervised = umap.UMAP(random_state=1).fit_transform(drawn, y=mixed)
plain = umap.UMAP(random_state=1).fit_transform(drawn)
print(
    json.dumps(
        {
            "versions": {"umap-learn": umap.__version__, "scikit-learn": sklearn.__version__, "numpy": numpy.__version__},
            "n": n,
            "m": m,
            "d": d,
            "drawn": drawn.ravel().tolist(),
            "placed": placed.ravel().tolist(),
            "kind": kind[:n].tolist(),
            "mixed": mixed.tolist(),
            "maps": maps,
            "supervised": {"purity": purity(supervised, mixed), "plain": purity(plain, mixed)},
        }
    )
)
