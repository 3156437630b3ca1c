"""Token pooling: tokens of one sentence that mean nearly the same to the model share a vector.

Hierarchical clustering by average linkage of cosine distances, as in Clavié, Chaffin & Adams 2024
(https://arxiv.org/abs/2409.14683), but cut at a distance, where they cut at a share of the tokens:
what repeats itself gives way, and what stands alone stays. The figures are in docs/evaluation.md.

Never across sentences: which of them answers is told by the tokens of each.
"""

import numpy as np
from scipy.cluster.hierarchy import linkage

from indexer.arrays import Float32, Float64, Int64

# The mean distance up to which tokens share a vector: six of ten vectors are left.
CUT = 0.3
# Between tokens of two sentences: no cosine distance is as large.
APART = 4.0


def pool(tokens: Float32, sentences: Int64) -> tuple[Float32, Int64]:
    """The vectors (k, p) that the tokens (t, p) of a passage share, and where its sentences begin.

    A vector is the mean of its tokens, as long as they are on average, in the order of the first of
    each.

    sentences: (s,) which token begins each sentence, ascending; of the answer, which vector
    """
    total = len(tokens)
    if total < 2:
        return tokens, sentences
    sentence = np.searchsorted(sentences, np.arange(total), side="right")
    lengths = np.linalg.norm(tokens, axis=1)
    unit = tokens / np.maximum(lengths, 1e-6)[:, None]
    distances = 1 - unit @ unit.T
    distances[sentence[:, None] != sentence] = APART
    above = np.arange(total) > np.arange(total)[:, None]
    # Rounding makes some a little less than 0.
    tree = linkage(np.maximum(distances[above], 0), "average")
    _, firsts, clusters = np.unique(_cut(tree), return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    members = (clusters == order[:, None]).astype(np.float32)  # (k, t)
    means = members @ tokens
    mean_lengths = members @ lengths / members.sum(axis=1)
    means *= (mean_lengths / np.maximum(np.linalg.norm(means, axis=1), 1e-6))[:, None]
    begins = np.searchsorted(np.sort(firsts), sentences)
    return means, begins


def _cut(tree: Float64) -> Int64:
    """A number for each of t tokens, the same in one cluster, of a linkage (t - 1, 4) up to CUT.

    fcluster checks the tree first, and takes half of the time of pooling.
    """
    total = len(tree) + 1
    joined = tree[tree[:, 2] <= CUT, :2].astype(np.int64)
    above = np.arange(total + len(joined))
    # The clusters that are joined have the numbers from t on, in the order of the rows.
    above[joined] = total + np.arange(len(joined))[:, None]
    while not np.array_equal(further := above[above], above):
        above = further
    return above[:total]
