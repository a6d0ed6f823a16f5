"""Train a small classifier on scikit-learn's own data, and print how well it does."""

import json
import os
import sys

import pandas as pd
import sklearn
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

trees = int(os.environ.get("TREES", "20"))
data = load_breast_cancer(as_frame=True)
frame = pd.DataFrame(data.data)
scores = cross_val_score(RandomForestClassifier(trees, random_state=0), frame, data.target, cv=3)
print(
    json.dumps(
        {
            "python": sys.version.split()[0],
            "scikit-learn": sklearn.__version__,
            "pandas": pd.__version__,
            "rows": len(frame),
            "trees": trees,
            "accuracy": round(float(scores.mean()), 4),
        }
    )
)
