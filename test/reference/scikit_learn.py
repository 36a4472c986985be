"""Writes the values that test/stats compares with: scikit-learn on one small table of cells.

    python test/reference/scikit_learn.py > test/fixtures/stats/scikit-learn.json

The table (120 cells, 6 features, 3 classes) is part of the output, so the test reads no other file.
"""
import json

import numpy
import scipy
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import trustworthiness
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict, permutation_test_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

random = numpy.random.RandomState(7)
n, d = 120, 6
mixing = random.normal(size=(d, d))
labels3 = numpy.arange(n) % 3
x = random.normal(size=(n, d)) @ mixing + 0.8 * random.normal(size=(3, d))[labels3] + [5, 0, -3, 0, 100, 0]
x = numpy.round(x, 6)
labels2 = (labels3 == 1).astype(int)
groups = numpy.arange(n) // 15  # 8 groups, each with all classes

lda = []
for solver, shrinkage in [("svd", None), ("lsqr", None), ("lsqr", "auto"), ("lsqr", 0.3), ("eigen", None), ("eigen", "auto"), ("eigen", 0.3)]:
    for priors in ["empirical", "equal"]:
        for classes, labels in [(2, labels2), (3, labels3)]:
            model = LinearDiscriminantAnalysis(solver=solver, shrinkage=shrinkage, priors=None if priors == "empirical" else [1 / classes] * classes)
            scores = model.fit(x, labels).decision_function(x)
            lda.append(dict(solver=solver, shrinkage=shrinkage, priors=priors, classes=classes, scores=scores.ravel().tolist()))

few = x[:5]  # fewer cells than features
rank_deficient = numpy.column_stack([x, x[:, 0] + x[:, 1], numpy.full(n, 2.0)])
pca = PCA().fit(x)
ties = numpy.round(x[:, 0])
scores2 = x[:, 0] / 10
probability = 1 / (1 + numpy.exp(-(scores2 - scores2.mean()) * 3))
observed, brier_bins = calibration_curve(labels2, probability, n_bins=5, strategy="uniform")
logo = cross_val_predict(
    make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(priors=[0.5, 0.5])), x, labels2, groups=groups, cv=LeaveOneGroupOut(), method="decision_function")

json.dump(dict(
    versions=dict(sklearn=sklearn.__version__, numpy=numpy.__version__, scipy=scipy.__version__),
    n=n, d=d, x=x.ravel().tolist(), labels2=labels2.tolist(), labels3=labels3.tolist(), groups=groups.tolist(),
    lda=lda,
    ldaRankDeficient=LinearDiscriminantAnalysis().fit(rank_deficient, labels2).decision_function(rank_deficient).tolist(),
    ldaFewCells=LinearDiscriminantAnalysis().fit(few, [0, 1, 0, 1, 1]).decision_function(few).tolist(),
    ledoitWolf=ledoit_wolf_shrinkage(x), ledoitWolfFew=ledoit_wolf_shrinkage(few),
    pca=dict(components=pca.components_.ravel().tolist(), variance=pca.explained_variance_.tolist(),
             ratio=pca.explained_variance_ratio_.tolist(), scores=pca.transform(x).ravel().tolist()),
    pcaFew=dict(variance=PCA(3).fit(few).explained_variance_.tolist(), scores=PCA(3).fit_transform(few).ravel().tolist()),
    ties=ties.tolist(), auc=roc_auc_score(labels2, x[:, 0]), aucTies=roc_auc_score(labels2, ties),
    averagePrecision=average_precision_score(labels2, ties),
    probability=probability.tolist(), brier=brier_score_loss(labels2, probability), calibrationObserved=observed.tolist(),
    calibrationPredicted=brier_bins.tolist(),
    logistic=[dict(penalty=penalty, balanced=balanced,
                   scores=LogisticRegression(C=1 / penalty, tol=1e-14, max_iter=100000, solver="newton-cholesky",
                                             class_weight="balanced" if balanced else None)
                   .fit(StandardScaler().fit_transform(x), labels2).decision_function(StandardScaler().fit_transform(x)).tolist())
              for penalty in [0.1, 1, 10] for balanced in [False, True]],
    logo=logo.tolist(), logoAuc=roc_auc_score(labels2, logo),
    trustworthiness=trustworthiness(x, pca.transform(x)[:, :2], n_neighbors=7),
    normalQuantile=scipy.stats.norm.ppf([1e-6, 0.025, 0.5, 0.9, 0.975, 0.999999]).tolist(),
    studentQuantile=[scipy.stats.t.ppf(0.975, f) for f in [1, 2.5, 10, 200]],
), __import__("sys").stdout, indent=None)
