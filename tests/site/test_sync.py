"""On the whole stack, whatever is written is found, and the index is never wrong. How soon is for `make bench`."""

import time
import uuid

import httpx
import pytest

REF = "baai/bge-m3"


@pytest.fixture(scope="module")
def api(site):
    """Calls the API as the demo's administrator, with a token made for it."""
    secret = site.manage(
        "shell",
        "-c",
        "from accounts.models import User; from accounts.tokens import create_token;"
        "print(create_token(user=User.objects.get(username='mara'), name='tests', scope='write')[1])",
    ).split()[-1]
    with httpx.Client(
        base_url=f"{site.url}/api/v1/", headers={"Authorization": f"Bearer {secret}"}, timeout=30
    ) as client:
        yield client


def word() -> str:
    return "z" + uuid.uuid4().hex[:12]


def test_a_comment_is_found(site, api):
    said = word()
    assert api.post(f"models/{REF}/comments", json={"body": f"About {said}."}).status_code == 201
    assert site.found_within(20, said, REF)


def test_a_review_is_found(site, api):
    said = word()
    answer = api.put(f"models/{REF}/rating", json={"stars": 4, "review": f"Good for {said}"})
    assert answer.status_code in (200, 201)
    hits = site.get("/api/v1/search", q="bge-m3").json()["hits"]
    assert any(hit["ref"] == REF for hit in hits)
    assert wait_for(
        lambda: (
            next(h for h in site.get("/api/v1/search", q="bge-m3").json()["hits"] if h["ref"] == REF)[
                "ratings"
            ]
            == 1
        )
    )


def test_a_tag_is_found(site, api):
    said = word()
    assert api.post(f"models/{REF}/tags", json={"name": said}).status_code in (200, 201)
    assert site.found_within(20, said, REF)
    assert wait_for(lambda: site.get("/api/v1/search", tag=said).json()["total"] == 1)


def test_a_new_version_is_found(site, api):
    label = word()
    answer = api.post(f"models/{REF}/versions", json={"label": label, "parameter_count": 7})
    assert answer.status_code == 201, answer.text
    assert site.found_within(20, label, REF)


def test_a_bulk_change_in_plain_sql_is_found(site):
    said = word()
    baai = site.sql("SELECT id FROM catalog_project WHERE slug = 'baai'")[0][0]
    site.sql(
        "UPDATE catalog_registeredmodel SET summary = %s WHERE project_id = %s", f"All of them {said}", baai
    )
    count = site.sql("SELECT count(*) FROM catalog_registeredmodel WHERE project_id = %s", baai)[0][0]
    assert count > 10
    assert wait_for(lambda: site.get("/api/v1/search", q=said).json()["total"] == count)


def test_nothing_differs_in_the_end(site):
    assert "0 differences" in site.manage("search", "check")


def wait_for(truth, seconds: float = 20.0) -> bool:
    """Whether `truth()` comes within the time."""
    deadline = time.monotonic() + seconds
    while not truth():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
