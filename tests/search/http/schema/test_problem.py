"""What is no article as JSON."""

from search.http.schema.problem import Problem, Reload, Status


def test_a_problem_has_no_page_of_its_own() -> None:
    made = Problem(title="Gone", status=410, code="cursor_expired", detail="begin again")
    assert made.model_dump() == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "code": "cursor_expired",
        "detail": "begin again",
    }


def test_health_and_reloads() -> None:
    assert Status(status="alive").model_dump_json() == '{"status":"alive"}'
    reloaded = Reload(generation="g2", swapped=True)
    assert reloaded.model_dump_json() == '{"generation":"g2","swapped":true}'
