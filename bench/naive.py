"""The usual way, to compare with: Django's own ASGI server, and each telephone event understood
in the request that brings it, in a transaction of its own.

`python -m bench.naive` serves it on the product's data, settings and addresses.
"""

from typing import Any

from sigap.config.cli import start_django


def main() -> None:
    """Serve until ended."""
    start_django()
    import uvicorn
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.urls import path

    from sigap.config.urls import urlpatterns

    settings.ROOT_URLCONF = (path("hooks/calls", _event_at_once()), *urlpatterns)
    uvicorn.run(
        get_asgi_application(),
        host=settings.ENV.host,
        port=settings.ENV.port,
        lifespan="off",
        log_config=None,
        access_log=False,
    )


def _event_at_once() -> Any:
    from django.http import HttpRequest, JsonResponse
    from django.utils.crypto import constant_time_compare
    from django.views.decorators.csrf import csrf_exempt

    from sigap.config import settings
    from sigap.core.actors import Permission, system
    from sigap.core.errors import Forbidden
    from sigap.core.web import view
    from sigap.gateways.telephony import understand_call

    token = f"Bearer {settings.ENV.hook_token.get_secret_value()}"

    @csrf_exempt
    @view(Permission.PUBLIC, "POST")
    def event(request: HttpRequest) -> JsonResponse:
        if not constant_time_compare(request.headers.get("Authorization", ""), token):
            raise Forbidden("token")
        understand_call(request.body.decode(), system("pbx"))
        return JsonResponse({"status": "accepted"}, status=202)

    return event


if __name__ == "__main__":
    main()
