"""Where to publish, as it is typed: a folder or a bucket, and nothing of it repeated in an error."""

from pathlib import Path

import pytest

from cms.publishing.s3 import Bucket
from cms.publishing.targets import TargetError, read_target

LOCAL = "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("out", Path("out")),
        ("/var/www/readers", Path("/var/www/readers")),
        ("s3://readers", Bucket("readers", "", LOCAL)),
        ("s3://readers/", Bucket("readers", "", LOCAL)),
        ("s3://my.readers/a/b/", Bucket("my.readers", "a/b", LOCAL)),
    ],
)
def test_target_is_a_folder_or_a_bucket(text: str, target: Path | Bucket) -> None:
    assert read_target(text, endpoint=LOCAL, rehearsal=True) == target


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names nothing"),
        ("ftp://host/hush", "no other kind of address"),
        ("file:///hush", "no other kind of address"),
        ("S3://hush", "no other kind of address"),
        ("s3://", "no name of a bucket"),
        ("s3://key:hush@readers", "no name of a bucket"),
        ("s3://arn:aws:s3:hush", "no name of a bucket"),
        ("s3://Hush", "no name of a bucket"),
        ("s3://a..hush", "no name of a bucket"),
        ("s3://readers/../hush", "letters, digits"),
        ("s3://readers/a b?hush", "letters, digits"),
        ("s3://readers//hush//x", "letters, digits"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(text: str, said: str) -> None:
    with pytest.raises(TargetError, match=said) as caught:
        read_target(text, endpoint=LOCAL, rehearsal=True)

    assert "hush" not in str(caught.value).lower()


def test_rehearsal_reaches_no_s3_but_one_on_this_machine() -> None:
    with pytest.raises(TargetError, match="it reaches no other host"):
        read_target("s3://readers", endpoint="", rehearsal=True)

    assert read_target("s3://readers", endpoint="", rehearsal=False) == Bucket("readers")
