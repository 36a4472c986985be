"""Writes the values that test/stats/combat.test.ts compares with: neuroCombat on one small table of cells.

    python test/reference/combat.py > test/fixtures/stats/combat.json

neuroCombat stops its iteration at a relative change of 1e-4; here it is told to go on to 1e-13, which is the solution both approach.
"""
import importlib.metadata
import json
import sys

import numpy
import pandas
from neuroCombat import neuroCombat

implementation = sys.modules["neuroCombat.neuroCombat"]
implementation.it_sol.__defaults__ = (1e-13,)

random = numpy.random.RandomState(3)
n, d = 60, 5
day = numpy.array(["a", "b", "c"])[numpy.minimum(numpy.arange(n) // 22, 2)]
age = numpy.round(random.uniform(0, 10, n), 3)
kind = numpy.array(["low", "high"])[numpy.arange(n) % 2]
x = random.normal(size=(n, d)) * [1, 2, 0.5, 3, 1]
for b, name in enumerate("abc"):
    x[day == name] = x[day == name] * (0.6 + 0.5 * b) + random.normal(size=d) * 1.5 + 0.7
x += numpy.outer(age, random.normal(size=d) * 0.2)
x[kind == "high"] += random.normal(size=d) * 0.5
x = numpy.round(x, 6)
table = pandas.DataFrame(dict(day=day, age=age, kind=kind))


def run(**options):
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        return neuroCombat(dat=x.T.copy(), covars=table, batch_col="day", **options)["data"].T.ravel().tolist()
    finally:
        sys.stdout = stdout


json.dump(dict(
    versions=dict(neuroCombat=importlib.metadata.version("neuroCombat"), numpy=numpy.__version__),
    n=n, d=d, x=x.ravel().tolist(), day=day.tolist(), age=age.tolist(), kind=kind.tolist(),
    plain=run(), meanOnly=run(mean_only=True), covariates=run(categorical_cols=["kind"], continuous_cols=["age"]),
), sys.stdout)
