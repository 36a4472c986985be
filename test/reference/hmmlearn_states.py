"""Writes the values that test/interpret/hidden-markov.test.ts compares with: hmmlearn on ten fixed tracks of two states.

    python test/reference/hmmlearn_states.py > test/fixtures/stats/hmmlearn.json       (hmmlearn 0.3.3)

The tracks are part of the output. `given`: log-likelihood, likeliest path and chance of the high state under fixed parameters. `fitted`: after Baum and Welch
with one variance for both states and the priors that fitHiddenMarkov has by default: 50 frames with a chance of 0.02 to leave, and one start in each state.
"""
import json

import hmmlearn
import numpy
from hmmlearn.hmm import GaussianHMM

random = numpy.random.RandomState(5)
tracks = []
for t in range(10):
    state, values = t % 2, []
    for _ in range(24 + t):
        state = 1 - state if random.uniform() < 0.06 else state
        values.append(round((1.1 if state else -0.9) + random.normal(), 4))
    tracks.append(values)
x = numpy.concatenate(tracks)[:, None]
lengths = [len(track) for track in tracks]

mean, sd, leave, start_high = [-1.0, 1.5], [1.0, 0.8], [0.1, 0.2], 0.3
given = GaussianHMM(2, covariance_type="diag")
given.startprob_ = numpy.array([1 - start_high, start_high])
given.transmat_ = numpy.array([[1 - leave[0], leave[0]], [leave[1], 1 - leave[1]]])
given.means_ = numpy.array(mean)[:, None]
given.covars_ = numpy.square(sd)[:, None]

chance, frames = 0.02, 50
fitted = GaussianHMM(
    2,
    covariance_type="tied",
    covars_prior=0,
    startprob_prior=2,
    transmat_prior=1 + frames * numpy.array([[1 - chance, chance], [chance, 1 - chance]]),
    n_iter=1000,
    tol=1e-12,
    init_params="",
)
fitted.startprob_ = numpy.array([0.5, 0.5])
fitted.transmat_ = numpy.array([[1 - chance, chance], [chance, 1 - chance]])
fitted.means_ = numpy.array([[-1.0], [1.0]])
fitted.covars_ = numpy.array([[1.0]])
fitted.fit(x, lengths)


def of_tracks(values):
    return [part.tolist() for part in numpy.split(numpy.asarray(values), numpy.cumsum(lengths)[:-1])]


print(
    json.dumps(
        dict(
            version=f"hmmlearn {hmmlearn.__version__}",
            tracks=tracks,
            given=dict(
                mean=mean,
                sd=sd,
                leave=leave,
                startHigh=start_high,
                logLikelihood=[given.score(numpy.array(track)[:, None]) for track in tracks],
                states=of_tracks(given.predict(x, lengths)),
                highChance=of_tracks(given.predict_proba(x, lengths)[:, 1]),
            ),
            fitted=dict(
                mean=fitted.means_.ravel().tolist(),
                sd=float(numpy.sqrt(fitted.covars_.ravel()[0])),
                leave=[fitted.transmat_[0, 1], fitted.transmat_[1, 0]],
                startHigh=float(fitted.startprob_[1]),
                logLikelihood=float(fitted.score(x, lengths)),
                states=of_tracks(fitted.predict(x, lengths)),
            ),
        )
    )
)
