"""Commands as the console's scripts send them."""

from typing import Any

from django.test import Client

JSON = {"content_type": "application/json", "headers": {"Accept": "application/json"}}


def post(client: Client, url: str, **data: Any) -> dict[str, Any]:
    """POST JSON; the answer with its status added."""
    response = client.post(url, data=data, **JSON)  # type: ignore[arg-type]
    return {"status": response.status_code, **response.json()}


def get(client: Client, url: str) -> dict[str, Any]:
    """GET JSON; the answer with its status added."""
    response = client.get(url, headers={"Accept": "application/json"})
    return {"status": response.status_code, **response.json()}
