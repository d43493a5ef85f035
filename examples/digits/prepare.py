"""Writes scikit-learn's handwritten digits as a folder of images: data/0/0000.png ... data/9/1795.png.

1,797 grey images of 8x8 pixels. The folder appears whole, by a rename, and is left alone when it is there already.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path


def main() -> None:
    target = Path(__file__).resolve().parent / "data"
    if target.exists():
        print(f"{target} is there already", file=sys.stderr)
        return
    # Here and not above: the second run should not wait for this import.
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    # Beside the target, so that the rename stays on one file system; hidden, so that nothing takes it for data.
    part = Path(tempfile.mkdtemp(prefix=".data-", dir=target.parent))
    try:
        for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
            folder = part / str(label)
            folder.mkdir(exist_ok=True)
            # The values are 0 to 16.
            pixels = np.rint(image * 255 / 16).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{number:04}.png")
        part.chmod(0o755)
        try:
            os.rename(part, target)
        except OSError:
            # Another process was first; its folder holds the same images.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    print(f"wrote {len(digits.target)} images to {target}", file=sys.stderr)


if __name__ == "__main__":
    main()
