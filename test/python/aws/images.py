"""The images of an assembly, in moto's registry."""

import json

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def push_images(ecr, images: dict, fill) -> None:
    """Nothing is built: a manifest under the tag is all that the registry is asked for."""
    known = {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}
    for image in images.values():
        for destination in image["destinations"].values():
            repository, tag = fill({"Fn::Sub": destination["repositoryName"]}), destination["imageTag"]
            if repository not in known:
                ecr.create_repository(repositoryName=repository)
                known.add(repository)
            if ecr.list_images(repositoryName=repository)["imageIds"]:
                continue
            config = {"digest": f"sha256:{tag}", "size": 1}
            manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
            ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest))
