"""A small neural network on scikit-learn's digits: a plain script that knows nothing of sweeps."""

import argparse

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--alpha", type=float, default=1e-4)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--early-stopping", action="store_true")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, random_state=0, stratify=labels)
    network = MLPClassifier(
        hidden_layer_sizes=(options.hidden,),
        alpha=options.alpha,
        learning_rate_init=options.learning_rate,
        early_stopping=options.early_stopping,
        max_iter=60,
        random_state=0,
    )
    network.fit(train_x, train_y)
    print(f"validation accuracy: {network.score(test_x, test_y):.4f}")


if __name__ == "__main__":
    main()
